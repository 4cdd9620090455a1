// One temporary folder for a whole run of the tests: what a test that failed, or was killed, left in it is named and
// removed at the end, with its processes, namespaces and cgroups. Tests still clean up after themselves.
import { chmod, mkdtemp, readdir, readFile, readlink, rm, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { enginePaths } from '../../src/base/paths.ts';
import { runProcess } from '../../src/base/process.ts';
import { eventually } from './eventually.ts';

const NETNS = '/run/netns';
const CGROUPS = '/sys/fs/cgroup';

/** What the names of all namespaces that this run makes begin with; `gt` outside a run of the tests, as in benchmarks. */
export function runMark(): string {
  const name = basename(tmpdir());
  return name.startsWith('gt-') ? name : 'gt';
}

/** Gives the run its folder, by TMPDIR. Short, since paths of sockets end after 107 bytes. */
export async function setup(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'gt-'));
  // as the folder it stands in: tests have other users pass through it
  await chmod(folder, 0o755);
  process.env['TMPDIR'] = folder;
  return async () => removeAll(folder);
}

async function removeAll(folder: string): Promise<void> {
  const spaces = (await namesIn(NETNS)).filter((name) => name.startsWith(`${runMark()}-`));
  const folders = (await namesIn(folder)).filter((name) => name !== 'node-compile-cache');
  const pids = await processesOf(folder, spaces);
  const groups = await cgroupsOf(folder, folders);
  const left = [...spaces, ...folders, ...pids.map((pid) => `process ${pid}`), ...groups];
  if (left.length > 0) process.stderr.write(`tests left behind, now removed: ${left.join(', ')}\n`);
  for (const pid of pids) process.kill(pid, 'SIGKILL');
  for (const group of groups) await eventually(async () => removeGroup(group));
  for (const name of spaces) await runProcess('ip', ['netns', 'del', name]);
  await rm(folder, { recursive: true, force: true });
}

/** Processes in a namespace of the run, or that name its folder. */
async function processesOf(folder: string, spaces: readonly string[]): Promise<number[]> {
  const inodes = await Promise.all(spaces.map(async (name) => `net:[${(await stat(join(NETNS, name))).ino}]`));
  const pids = (await namesIn('/proc')).map(Number).filter((pid) => pid > 1 && pid !== process.pid);
  const isOurs = async (pid: number): Promise<boolean> => {
    const [space, words] = await Promise.all([
      readlink(`/proc/${pid}/ns/net`).catch(() => ''),
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
    ]);
    return inodes.includes(space) || words.includes(folder);
  };
  const ours = await Promise.all(pids.map(async (pid) => ((await isOurs(pid)) ? [pid] : [])));
  return ours.flat();
}

/** Cgroups of engines that had their data in one of the folders. */
async function cgroupsOf(folder: string, names: readonly string[]): Promise<string[]> {
  const homes = names.map((name) => `gantry-${enginePaths({ GANTRY_DATA: join(folder, name, 'data') }).tag}`);
  const found = (await namesIn(CGROUPS)).map(async (hierarchy) => {
    const there = new Set(await namesIn(join(CGROUPS, hierarchy)));
    return homes.filter((home) => there.has(home)).map((home) => join(CGROUPS, hierarchy, home));
  });
  return (await Promise.all(found)).flat();
}

/** True when it is gone; processes leave a moment after their end. */
async function removeGroup(path: string): Promise<true | undefined> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  for (const entry of entries) if (entry.isDirectory()) await removeGroup(join(path, entry.name));
  return rmdir(path).then(
    () => true,
    (error: unknown) => ((error as NodeJS.ErrnoException).code === 'ENOENT' ? true : undefined),
  );
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
