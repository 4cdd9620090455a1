// Reads what is left of a body that nobody wants any more: a client that still writes would miss its answer.
import { finished } from 'node:stream/promises';
import type { Readable } from 'node:stream';

/** Resolves at the body's end, or when the signal is aborted. Never rejects: a client that went away needs no answer. */
export async function drain(body: Readable, { signal }: { readonly signal: AbortSignal }): Promise<void> {
  // whoever gave up reading may have left a listener behind, which would keep the body from flowing
  body.removeAllListeners('readable');
  body.on('data', () => undefined);
  body.resume();
  await finished(body, { signal }).catch(() => undefined);
}
