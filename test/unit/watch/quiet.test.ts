import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { untilQuiet, type ChangeTimes } from '../../../src/watch/quiet.ts';

const QUIET = { pause: 10, most: 40 };

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Resolves with the fake time at which it was quiet; a change comes every `every` ms until `until`. */
async function quietAt(every: number, until: number, signal = new AbortController().signal): Promise<number> {
  const start = performance.now();
  const times: ChangeTimes = { first: start, last: start };
  const changes = setInterval(() => {
    if (performance.now() - start <= until) times.last = performance.now();
  }, every);
  const waited = untilQuiet(times, QUIET, signal).then(() => performance.now() - start);
  await vi.advanceTimersByTimeAsync(1000);
  clearInterval(changes);
  return await waited;
}

it('ends after the pause when nothing more comes', async () => {
  expect(await quietAt(5, 0)).toBe(10);
});

it('waits for the pause after the last change of a burst', async () => {
  expect(await quietAt(5, 20)).toBe(30);
});

it('puts nothing off longer than the most', async () => {
  expect(await quietAt(5, 500)).toBe(40);
});

it('ends at once when the signal is aborted', async () => {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 3);
  expect(await quietAt(5, 500, controller.signal)).toBe(3);
});
