// A Debian or Ubuntu base image with a working apt, made from the packages this machine's apt uses. Made once into
// .cache/; sources and keyrings are the host's as they are when it is made, and stay on this machine.
import { mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runChecked } from '../../src/base/process.ts';

const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));

/** Path of a tar of the base's root file system. Needs apt-get and the network it uses; takes a minute the first time. */
export async function debianBase(): Promise<string> {
  const archive = await archiveOf();
  const tar = join(CACHE, `debian-base-${archive.suite}.tar`);
  if (await stat(tar).catch(() => undefined)) return tar;
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(join(CACHE, 'making-'));
  try {
    await bootstrap(work, archive);
    await runChecked('tar', ['-C', join(work, 'tree'), '--numeric-owner', '-cf', join(work, 'base.tar'), '.']);
    await rename(join(work, 'base.tar'), tar);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return tar;
}

interface Archive {
  readonly uri: string;
  readonly suite: string;
}

/** The first main archive of this release. */
async function archiveOf(): Promise<Archive> {
  const codename = (await runChecked('sh', ['-c', '. /etc/os-release && echo "$VERSION_CODENAME"'])).trim();
  const format = ['--format', '$(REPO_URI) $(RELEASE) $(COMPONENT)', 'Created-By: Packages'];
  const rows = (await runChecked('apt-get', ['indextargets', ...format])).split('\n').map((row) => row.split(' '));
  const row = rows.find(([, suite, component]) => suite === codename && component === 'main');
  if (row?.[0] === undefined) throw new Error(`apt has no main archive of ${codename}`);
  return { uri: row[0], suite: codename };
}

async function bootstrap(work: string, { uri, suite }: Archive): Promise<void> {
  await runChecked('apt-get', ['-q', 'download', '-o', 'APT::Sandbox::User=root', 'debootstrap'], { cwd: work });
  const deb = (await readdir(work)).find((name) => name.endsWith('.deb')) ?? '';
  await runChecked('dpkg', ['-x', join(work, deb), join(work, 'tool')]);
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' };
  const keyring = suite === 'noble' || suite === 'jammy' ? 'ubuntu' : 'debian';
  const args = [
    join(work, 'tool/usr/sbin/debootstrap'),
    '--variant=minbase',
    `--keyring=/usr/share/keyrings/${keyring}-archive-keyring.gpg`,
    ...[suite, join(work, 'tree'), uri],
  ];
  await runChecked('sh', args, {
    env: { ...env, DEBOOTSTRAP_DIR: join(work, 'tool/usr/share/debootstrap') },
  });
  await runChecked('rm', ['-rf', join(work, 'tree/var/cache/apt/archives'), join(work, 'tree/var/lib/apt/lists')]);
}
