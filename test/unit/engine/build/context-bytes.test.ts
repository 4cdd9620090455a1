import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { MAX_IN_MEMORY, receiveBytes } from '../../../../src/engine/build/context-bytes.ts';

const { signal } = new AbortController();
let work: string;
beforeEach(async () => void (work = await mkdtemp(join(tmpdir(), 'gantry-bytes-'))));
afterEach(async () => rm(work, { recursive: true, force: true }));

it.each([
  ['nothing', 0, 0],
  ['a small context', 100_000, 0],
  ['the most that is kept in memory', MAX_IN_MEMORY, 0],
  ['a larger one', MAX_IN_MEMORY + 1, 1],
])('%s can be read as often as needed and leaves nothing', async (_name, size, files) => {
  const all = Buffer.alloc(size, 'context ');
  const chunks = Array.from({ length: Math.ceil(size / 70_000) }, (_unused, index) =>
    all.subarray(index * 70_000, (index + 1) * 70_000),
  );
  const bytes = await receiveBytes({ work }, streamOf(chunks), { signal });
  expect(bytes.digest).toBe(`sha256:${createHash('sha256').update(all).digest('hex')}`);
  expect(bytes.size).toBe(size);
  expect(await readdir(work)).toHaveLength(files);
  for (let times = 0; times < 2; times += 1) expect((await buffer(bytes.stream())).equals(all)).toBe(true);
  expect((await bytes.start(5)).toString()).toBe(all.toString('utf8', 0, 5));
  await bytes.drop();
  expect(await readdir(work)).toEqual([]);
});

async function* streamOf(chunks: readonly Buffer[]): AsyncGenerator<Buffer> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}
