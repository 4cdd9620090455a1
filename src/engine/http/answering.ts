// Requests with long bodies that may fail before all of it was read.
import { finished } from 'node:stream/promises';
import type { ApiRequest } from './types.ts';

/** On a failure the rest of the body is read all the same: a client that still writes would miss the answer. */
export async function answering<T>({ body, signal }: ApiRequest, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    // a client that goes away meanwhile needs no answer
    await finished(body.resume(), { signal }).catch(() => undefined);
    throw error;
  }
}
