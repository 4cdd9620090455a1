// What an engine left on the machine: everything that should be gone when its containers are, or when it is itself.
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { enginePaths } from '../../src/base/paths.ts';
import type { Netns } from './netns.ts';

/** Whose leftovers are looked for. */
export interface Owner {
  readonly netns: Netns;
  readonly data: string;
  readonly run: string;
  /** Links that the test itself made in the namespace, beside `lo`. */
  readonly ownLinks: readonly string[];
}

/** One line per thing left. With `idleEngine`, the engine's own processes, cgroup and sockets may be there. */
export async function leftovers(owner: Owner, options: { readonly idleEngine: boolean }): Promise<string[]> {
  const found = await Promise.all([
    mounts(owner),
    links(owner),
    rules(owner),
    cgroups(owner, options.idleEngine),
    containerFolders(owner),
    options.idleEngine ? [] : processes(owner),
  ]);
  return found.flat();
}

/**
 * What an engine that ends leaves for good: it answers a shutdown before it has ended, and the kernel clears links up
 * for some time after they were removed.
 */
export async function leftForGood(owner: Owner): Promise<string[]> {
  const look = async (): Promise<string[]> => leftovers(owner, { idleEngine: false });
  for (let tries = 100; tries > 0; tries -= 1) {
    if ((await look()).length === 0) return [];
    await sleep(50);
  }
  return look();
}

async function mounts(owner: Owner): Promise<string[]> {
  const table = await readFile('/proc/self/mountinfo', 'utf8');
  const ours = (line: string): boolean => line.includes(` ${owner.data}`) || line.includes(` ${owner.run}`);
  return table
    .split('\n')
    .filter(ours)
    .map((line) => `mount ${line}`);
}

async function links(owner: Owner): Promise<string[]> {
  const names = (await owner.netns.check('ip', ['-o', 'link'])).matchAll(/^\d+: ([^:@]+)/gm);
  const known = new Set(['lo', ...owner.ownLinks]);
  return [...names]
    .map((match) => match[1] ?? '')
    .filter((name) => !known.has(name))
    .map((name) => `link ${name}`);
}

async function rules(owner: Owner): Promise<string[]> {
  const texts = ['iptables-nft-save', 'iptables-legacy-save', 'ip6tables-nft-save', 'ip6tables-legacy-save'].map(
    async (save) => {
      const { stdout } = await owner.netns.run(save, []);
      return stdout
        .split('\n')
        .filter((line) => /gantry/i.test(line) || line.startsWith('-A'))
        .map((line) => `rule ${line}`);
    },
  );
  return (await Promise.all(texts)).flat();
}

async function cgroups(owner: Owner, idleEngine: boolean): Promise<string[]> {
  const { tag } = enginePaths({ GANTRY_DATA: owner.data, GANTRY_RUN: owner.run });
  const found: string[] = [];
  for (const controller of await readdir('/sys/fs/cgroup')) {
    const home = join('/sys/fs/cgroup', controller, `gantry-${tag}`);
    for (const name of await foldersIn(home))
      if (!(idleEngine && name === 'engine')) found.push(`cgroup ${home}/${name}`);
    if (!idleEngine && (await exists(home))) found.push(`cgroup ${home}`);
  }
  return found;
}

async function containerFolders(owner: Owner): Promise<string[]> {
  const names = [...(await foldersIn(join(owner.run, 'c'))), ...(await foldersIn(join(owner.data, 'containers')))];
  return names.map((name) => `container folder ${name}`);
}

async function processes(owner: Owner): Promise<string[]> {
  const { ino } = await stat(owner.netns.path);
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const seen = await Promise.all(
    pids.map(async (pid) => {
      if ((await linkOf(`/proc/${pid}/ns/net`)) !== `net:[${ino}]`) return [];
      const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
      // a process without a command line has ended but for its last bookkeeping
      return command === '' ? [] : [`process ${pid} ${command}`];
    }),
  );
  return seen.flat();
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function linkOf(path: string): Promise<string> {
  return readlink(path).catch(() => '');
}
