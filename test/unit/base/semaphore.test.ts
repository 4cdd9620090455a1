import { expect, test } from 'vitest';
import { KeyedMutex } from '../../../src/base/semaphore.ts';

test('tasks of one key run in order, those of others side by side', async () => {
  const mutex = new KeyedMutex();
  const seen: string[] = [];
  const first = Promise.withResolvers<undefined>();
  const running = [
    mutex.run('a', async () => {
      await first.promise;
      seen.push('a1');
    }),
    mutex.run('a', async () => Promise.resolve(void seen.push('a2'))),
    mutex.run('b', async () => Promise.resolve(void seen.push('b'))),
  ];
  await running[2];
  first.resolve(undefined);
  await Promise.all(running);
  expect(seen).toEqual(['b', 'a1', 'a2']);
});

test('who waits may leave: its task never runs, and those behind it still wait', async () => {
  const mutex = new KeyedMutex();
  const seen: string[] = [];
  const first = Promise.withResolvers<undefined>();
  const leave = new AbortController();
  const held = mutex.run('a', async () => first.promise);
  const left = mutex.run('a', async () => Promise.resolve(void seen.push('left')), { signal: leave.signal });
  const behind = mutex.run('a', async () => Promise.resolve(void seen.push('behind')));
  const why = new Error('gone');
  leave.abort(why);
  await expect(left).rejects.toBe(why);
  expect(seen).toEqual([]);
  first.resolve(undefined);
  await Promise.all([held, behind]);
  expect(seen).toEqual(['behind']);
});

test("a failure is its own task's alone, and a signal raised later ends nothing", async () => {
  const mutex = new KeyedMutex();
  const late = new AbortController();
  const failed = mutex.run('a', async () => Promise.reject(new Error('boom')), { signal: late.signal });
  const next = mutex.run(
    'a',
    async () => {
      late.abort();
      return Promise.resolve();
    },
    { signal: late.signal },
  );
  await expect(failed).rejects.toThrow('boom');
  await expect(next).resolves.toBeUndefined();
});
