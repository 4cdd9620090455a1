// A small root file system for tests: busybox with its applets, users and the usual folders. It is made once in
// .cache/ and shared by all tests, which must not write into it (use it as an overlay's lower layer, or copy it).
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChecked } from '../../src/base/process.ts';

/** Where the tree and the tar of the same content are. */
export interface BusyboxRootfs {
  /** A folder that can serve as `/`. */
  readonly dir: string;
  /** The same as an uncompressed tar, entries without leading `./`, numeric owner 0:0. */
  readonly tar: string;
}

const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));

const PASSWD = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
app:x:1000:1000:app:/home/app:/bin/sh
`;
const GROUP = `root:x:0:
daemon:x:1:
audio:x:29:app
www-data:x:33:
video:x:44:root,app
nobody:x:65534:
app:x:1000:
`;

/** Gives the busybox root file system, making it first when need be. Needs apt-get or an installed static busybox. */
export async function busyboxRootfs(): Promise<BusyboxRootfs> {
  const home = join(CACHE, 'busybox-rootfs-1');
  const result = { dir: join(home, 'tree'), tar: join(home, 'rootfs.tar') };
  if (await exists(result.tar)) return result;
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, 'making-'));
  try {
    await makeTree(join(work, 'tree'), await staticBusybox(work));
    await makeTar(work);
    await publish(work, home);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return result;
}

async function exists(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

/** Path of a busybox that needs no shared library: an installed one, else Debian's package unpacked below `work`. */
async function staticBusybox(work: string): Promise<string> {
  for (const path of ['/bin/busybox', '/usr/bin/busybox']) {
    if ((await exists(path)) && !(await readFile(path)).subarray(0, 4096).includes('/ld-')) return path;
  }
  const debs = join(work, 'deb');
  await mkdir(debs);
  await runChecked('apt-get', ['-q', 'download', '-o', 'APT::Sandbox::User=root', 'busybox-static'], { cwd: debs });
  const [deb] = await readdir(debs);
  if (deb === undefined) throw new Error('apt-get download busybox-static left no file');
  await runChecked('dpkg', ['-x', join(debs, deb), debs]);
  return join(debs, 'bin/busybox');
}

async function makeTree(root: string, busybox: string): Promise<void> {
  for (const dir of ['bin', 'dev', 'etc', 'home/app', 'lib', 'sbin', 'usr/bin', 'usr/sbin', 'var/www']) {
    await mkdir(join(root, dir), { recursive: true });
  }
  for (const dir of ['tmp', 'var/tmp']) {
    await mkdir(join(root, dir));
    await chmod(join(root, dir), 0o1777);
  }
  await mkdir(join(root, 'root'), { mode: 0o700 });
  await copyFile(busybox, join(root, 'bin/busybox'));
  await chmod(join(root, 'bin/busybox'), 0o755);
  const applets = (await runChecked(busybox, ['--list']))
    .split('\n')
    .filter((name) => name !== '' && name !== 'busybox');
  for (const name of applets) await symlink('busybox', join(root, 'bin', name));
  await writeFile(join(root, 'etc/passwd'), PASSWD);
  await writeFile(join(root, 'etc/group'), GROUP);
  await runChecked('chown', ['-R', '1000:1000', join(root, 'home/app')]);
}

async function makeTar(work: string): Promise<void> {
  const names = await readdir(join(work, 'tree'));
  const flags = ['--format=gnu', '--sort=name', '--numeric-owner', '--mtime=@1700000000'];
  await runChecked('tar', [...flags, '-C', join(work, 'tree'), '-cf', join(work, 'rootfs.tar'), ...names.sort()]);
}

/** Moves the finished folder into place; another process may have been faster, then its result stays. */
async function publish(work: string, home: string): Promise<void> {
  const done = `${work}-done`;
  await mkdir(done);
  await rename(join(work, 'tree'), join(done, 'tree'));
  await rename(join(work, 'rootfs.tar'), join(done, 'rootfs.tar'));
  try {
    await rename(done, home);
  } catch (error) {
    await rm(done, { recursive: true, force: true });
    if (!(await exists(join(home, 'rootfs.tar')))) throw error;
  }
}
