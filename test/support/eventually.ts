// Waits for a condition outside the engine (a server that begins to listen); everything inside it is awaited by events.
import { setTimeout as sleep } from 'node:timers/promises';

/** Tries until it neither throws nor gives undefined, and gives what it gave. Fails with the last failure after `tries`. */
export async function eventually<T>(attempt: () => Promise<T | undefined>, tries = 300): Promise<T> {
  let last: unknown = new Error('the condition never held');
  for (let left = tries; left > 0; left -= 1) {
    try {
      const value = await attempt();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    await sleep(100);
  }
  throw last;
}
