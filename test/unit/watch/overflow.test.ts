// More changes at once than the kernel's queue holds: it drops events and libuv says nothing of it, so all is looked through.
import { EventEmitter, once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { FullQueue } from '../../../src/watch/overflow.ts';
import { startWatcher } from '../../../src/watch/watcher.ts';
import { rule } from '../../support/watch-rules.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'overflow-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('is told with everything that its events would have told', async () => {
  const at = (name: string): string => join(folder, 'tree', name);
  mkdirSync(at('sub'), { recursive: true });
  mkdirSync(join(folder, 'elsewhere/deep'), { recursive: true });
  for (const name of ['edited', 'removed', 'quiet', 'sub/edited', 'noise0', 'noise1']) writeFileSync(at(name), 'old');
  writeFileSync(join(folder, 'elsewhere/deep/file'), 'moved in with its folder');
  // what is older than the watch by more than the clock of files is coarse is not told again
  while (Date.now() < statSync(at('quiet')).ctimeMs + 100) await new Promise(setImmediate);
  const seen = new EventEmitter();
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await once(seen, 'change');
  };
  const [changed, notices] = [new Set<string>(), [] as string[]];
  const watcher = await startWatcher({
    rules: [rule({ path: join(folder, 'tree') })],
    change: (path) => {
      changed.add(path);
      seen.emit('change');
    },
    notice: (text) => notices.push(text),
  });
  const most = Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8'));
  // nothing is read meanwhile, as while a process is stopped; equal events behind each other count once
  for (let count = 0; count <= most; count += 1) chmodSync(at(`noise${count % 2}`), 0o600);
  writeFileSync(at('edited'), 'new');
  writeFileSync(at('sub/edited'), 'new');
  rmSync(at('removed'));
  mkdirSync(at('made'));
  writeFileSync(at('made/file'), 'new');
  renameSync(join(folder, 'elsewhere'), at('moved'));
  const lost = ['edited', 'sub/edited', 'removed', 'made', 'made/file', 'moved', 'moved/deep/file'].map(at);
  await until(() => lost.every((path) => changed.has(path)));
  expect(changed.has(at('quiet'))).toBe(false);
  expect(notices).toEqual([expect.stringContaining('too many changes at once')]);
  changed.clear();
  writeFileSync(at('made/file'), 'newer');
  await until(() => changed.has(at('made/file')));
  await watcher.close();
});

it('counts what is read in one go, and nothing else', async () => {
  const lost: number[] = [];
  const queue = new FullQueue({ most: 10, lost: (since) => lost.push(since) });
  for (let round = 0; round < 5; round += 1) {
    for (let count = 0; count < 9; count += 1) queue.count();
    await new Promise(setImmediate);
  }
  expect(lost).toEqual([]);
  const before = Date.now();
  for (let count = 0; count < 10; count += 1) queue.count();
  await new Promise(setImmediate);
  expect(lost).toHaveLength(1);
  expect(lost[0]).toBeLessThanOrEqual(before);
});
