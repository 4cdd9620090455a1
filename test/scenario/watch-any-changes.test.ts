// Whatever happens to a watched folder, the container's copy is the same in the end, without what is ignored.
import { chmod, lstat, mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ContainerInspect } from '../../src/api/containers.ts';
import { callApi } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { Stage } from '../support/stage.ts';
import { startWatching, type Watching } from '../support/watching.ts';

const COMPOSE = `
name: any
services:
  web:
    image: busybox
    command: ["sleep", "100000"]
    stop_grace_period: 0s
    develop:
      watch: [{ path: ./src, action: sync, target: /copy, ignore: ["**/skip"], initial_sync: true }]
`;

let stage: Stage;
let watching: Watching;
let copy: string;

beforeAll(async () => {
  stage = await Stage.create('any');
  await stage.importBusybox();
  await stage.write('compose.yaml', COMPOSE);
  await stage.write('src/start', 'here from the start');
  watching = startWatching(stage, ['watch']);
  await watching.until(/enabled for/);
  const { body } = await callApi(stage.socket, '/containers/any-web-1/json');
  copy = `/proc/${(JSON.parse(body) as ContainerInspect).State.Pid}/root/copy`;
});
afterAll(async () => {
  await watching.stop();
  await stage.ok(['down', '-t', '0']);
  await stage[Symbol.asyncDispose]();
});

const path = fc
  .array(fc.constantFrom('a', 'b', 'skip'), { minLength: 1, maxLength: 3 })
  .map((names) => names.join('/'));
const change = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), path, text: fc.string({ maxLength: 20 }) }),
  fc.record({ kind: fc.constant('replace' as const), path, text: fc.string({ maxLength: 20 }) }),
  fc.record({ kind: fc.constant('large' as const), path, size: fc.integer({ min: 1, max: 3_000_000 }) }),
  fc.record({ kind: fc.constantFrom('folder' as const, 'remove' as const), path }),
  fc.record({ kind: fc.constantFrom('move' as const, 'link' as const), path, to: path }),
  fc.record({ kind: fc.constant('mode' as const), path, mode: fc.constantFrom(0o700, 0o755, 0o644) }),
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

it('copies any series of changes', async () => {
  const pauses = fc.constantFrom(0, 0, 0, 5, 12, 30);
  const series = fc.array(fc.tuple(change, pauses), { minLength: 1, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(series, async (changes) => {
      for (const [each, pause] of changes) {
        await apply(join(stage.folder, 'src'), each);
        if (pause > 0) await sleep(pause);
      }
      const expected = await treeOf(join(stage.folder, 'src'));
      let found: readonly string[] = [];
      await eventually(async () => {
        found = await treeOf(copy);
        return JSON.stringify(found) === JSON.stringify(expected) ? true : undefined;
      }, 50).catch(() => undefined);
      expect(found).toEqual(expected);
    }),
    { numRuns: 25, endOnFailure: true },
  );
}, 120_000);

/** What cannot be done (a file where a folder should be, nothing to move) is left undone. */
async function apply(root: string, each: Change): Promise<void> {
  const at = join(root, each.path);
  const work = {
    write: async () => await writeFile(at, 'text' in each ? each.text : ''),
    replace: async () => {
      await writeFile(`${at}.new`, 'text' in each ? each.text : '');
      await rename(`${at}.new`, at);
    },
    large: async () => await writeFile(at, Buffer.alloc('size' in each ? each.size : 0, each.path)),
    folder: async () => await mkdir(at, { recursive: true }),
    remove: async () => await rm(at, { recursive: true }),
    move: async () => await rename(at, join(root, 'to' in each ? each.to : '')),
    link: async () => await symlink('to' in each ? each.to : '', at),
    mode: async () => await chmod(at, 'mode' in each ? each.mode : 0),
  }[each.kind];
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
}

/** One line a path: kind, mode, owner and content. */
async function treeOf(root: string, below = ''): Promise<readonly string[]> {
  const lines: string[] = [];
  for (const name of (await readdir(join(root, below))).toSorted()) {
    if (name === 'skip') continue;
    const at = join(root, below, name);
    const stats = await lstat(at);
    const head = `${join(below, name)} ${stats.mode.toString(8)} ${stats.uid}:${stats.gid}`;
    if (stats.isDirectory()) lines.push(head, ...(await treeOf(root, join(below, name))));
    else if (stats.isSymbolicLink()) lines.push(`${join(below, name)} -> ${await readlink(at)}`);
    else lines.push(`${head} ${stats.size} ${(await readFile(at)).subarray(0, 40).toString()}`);
  }
  return lines;
}
