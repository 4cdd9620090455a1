import { appendFileSync, mkdtempSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fixedTime, parseEntry } from '../../../../src/engine/containers/logs/entry.ts';
import { markOf, tailStart, type LogMark, type LogStart } from '../../../../src/engine/containers/logs/files.ts';
import { followLog } from '../../../../src/engine/containers/logs/follow.ts';

let folder = '';
let path = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logs-'));
  path = join(folder, 'x-json.log');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const never = new AbortController().signal;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\n`).join('');

async function read(tail: number | undefined): Promise<string[]> {
  return await readFrom(await tailStart(path, tail));
}

async function readFrom(start: LogStart, limit?: LogMark): Promise<string[]> {
  const found: string[] = [];
  for await (const batch of followLog({ path, start, limit, written: undefined, signal: never })) found.push(...batch);
  return found;
}

test.each([0, 1, 2, 5, 99])('the last %i lines, over rotated files', async (tail) => {
  writeFileSync(`${path}.2`, lines(1, 2));
  writeFileSync(`${path}.1`, lines(3, 4));
  writeFileSync(path, lines(5, 6));
  const all = Array.from({ length: 6 }, (_, index) => `line ${index + 1}`);
  expect(await read(tail)).toEqual(tail === 0 ? [] : all.slice(-tail));
  expect(await read(undefined)).toEqual(all);
});

test('what was rotated between the look and the reading is found again', async () => {
  writeFileSync(`${path}.1`, lines(1, 2));
  writeFileSync(path, lines(3, 4));
  const [all, last] = [await tailStart(path, undefined), await tailStart(path, 1)];
  renameSync(`${path}.1`, `${path}.2`);
  renameSync(path, `${path}.1`);
  writeFileSync(path, lines(5, 5));
  expect(await readFrom(all)).toEqual(lines(1, 5).trimEnd().split('\n'));
  expect(await readFrom(last)).toEqual(['line 4', 'line 5']);
});

test('ends at a mark, whatever the file is called by then', async () => {
  writeFileSync(path, lines(1, 3));
  const limit = { inode: (await markOf(path)).inode, offset: lines(1, 2).length };
  renameSync(path, `${path}.1`);
  writeFileSync(path, lines(4, 4));
  const start = await tailStart(path, undefined);
  expect(await readFrom(start, limit)).toEqual(['line 1', 'line 2']);
});

test('the tail of a file longer than a chunk', async () => {
  writeFileSync(path, lines(1, 30_000));
  expect(await read(3)).toEqual(['line 29998', 'line 29999', 'line 30000']);
  expect(await read(20_000)).toHaveLength(20_000);
});

test('a log that does not exist is empty', async () => {
  expect(await read(undefined)).toEqual([]);
  expect(await read(10)).toEqual([]);
});

/** Follows the log; `next` gives its lines one by one. */
function follow(): { next(): Promise<string | undefined>; end(): void } {
  const written = Promise.withResolvers<undefined>();
  const log = followLog({ path, start: { path, inode: 0, offset: 0 }, written: written.promise, signal: never });
  const ready: string[] = [];
  return {
    async next() {
      while (ready.length === 0) {
        const batch = await log.next();
        if (batch.done === true) return undefined;
        ready.push(...batch.value);
      }
      return ready.shift();
    },
    end: () => written.resolve(undefined),
  };
}

test('follows what is written, a line in pieces included, to its end', async () => {
  const log = follow();
  const first = log.next();
  writeFileSync(path, lines(1, 1));
  expect(await first).toBe('line 1');
  const second = log.next();
  appendFileSync(path, 'li');
  appendFileSync(path, 'ne 2\n');
  expect(await second).toBe('line 2');
  appendFileSync(path, lines(3, 3));
  log.end();
  expect(await log.next()).toBe('line 3');
  expect(await log.next()).toBeUndefined();
});

test('follows through rotations without a gap or a repetition, however many happen at once', async () => {
  writeFileSync(path, lines(1, 2));
  const log = follow();
  expect([await log.next(), await log.next()]).toEqual(['line 1', 'line 2']);
  appendFileSync(path, lines(3, 3));
  renameSync(path, `${path}.1`);
  writeFileSync(path, lines(4, 5));
  renameSync(`${path}.1`, `${path}.2`);
  renameSync(path, `${path}.1`);
  writeFileSync(path, lines(6, 6));
  expect([await log.next(), await log.next(), await log.next(), await log.next()]).toEqual([
    'line 3',
    'line 4',
    'line 5',
    'line 6',
  ]);
  log.end();
  expect(await log.next()).toBeUndefined();
});

test('a file that is cut to nothing is read from its beginning', async () => {
  writeFileSync(path, lines(1, 3));
  const log = follow();
  for (let i = 1; i <= 3; i += 1) expect(await log.next()).toBe(`line ${i}`);
  truncateSync(path);
  appendFileSync(path, lines(9, 9));
  expect(await log.next()).toBe('line 9');
});

test('entries: both streams, pieces, damage', () => {
  expect(parseEntry('{"log":"a\\n","stream":"stderr","time":"t"}')).toEqual({
    text: 'a\n',
    stream: 'stderr',
    time: 't',
  });
  for (const bad of ['', '{"log":', 'null', '{"log":1,"time":"t"}', '[]']) expect(parseEntry(bad)).toBeUndefined();
});

test.each([
  ['2026-01-01T00:00:00.12Z', '2026-01-01T00:00:00.120000000Z'],
  ['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.000000000Z'],
])('time %s is printed %s', (time, fixed) => expect(fixedTime(time)).toBe(fixed));
