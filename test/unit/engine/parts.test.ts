import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { groupId } from '../../../src/engine/folders.ts';
import { watchIdle } from '../../../src/engine/idle.ts';
import { openLogFile } from '../../../src/engine/log-file.ts';

afterEach(() => void vi.useRealTimers());

test('idleness ends the engine only after the whole time without anything to do', () => {
  vi.useFakeTimers();
  let isBusy = false;
  const onIdle = vi.fn();
  const watch = watchIdle({ seconds: 10, isBusy: () => isBusy, onIdle });
  watch.touch();
  vi.advanceTimersByTime(9_000);
  watch.touch();
  vi.advanceTimersByTime(9_000);
  isBusy = true;
  watch.touch();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(60_000);
  expect(onIdle).not.toHaveBeenCalled();
  isBusy = false;
  watch.touch();
  vi.advanceTimersByTime(10_000);
  expect(onIdle).toHaveBeenCalledOnce();
});

test('0 seconds means never', () => {
  vi.useFakeTimers();
  const watch = watchIdle({ seconds: 0, isBusy: () => false, onIdle: () => expect.unreachable() });
  watch.touch();
  expect(vi.getTimerCount()).toBe(0);
});

test('the log keeps two files of its size and no more', () => {
  const folder = mkdtempSync(join(tmpdir(), 'log-'));
  const log = openLogFile(folder, 100);
  for (let index = 0; index < 30; index += 1) log.write(`line ${String(index).padStart(3, '0')}\n`);
  log.end();
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  expect(read('engine.log').length).toBeLessThanOrEqual(100);
  expect(read('engine.log.1') + read('engine.log')).toMatch(/line 029\n$/);
  expect(read('engine.log.1').length).toBe(99);
  rmSync(folder, { recursive: true });
});

test('the group is looked up by its whole name', () => {
  const file = 'root:x:0:\ngantry-users:x:7:\ngantry:x:990:ann,bob\n';
  expect(groupId(file, 'gantry')).toBe(990);
  expect(groupId(file, 'gant')).toBeUndefined();
});
