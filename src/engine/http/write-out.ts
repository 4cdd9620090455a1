// Writes a stream to a client no faster than it reads.
import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** True when the client can take more; false when it has gone, or the signal ends the answer. */
export async function writeOut(out: Writable, data: string | Uint8Array, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted || out.destroyed) return false;
  if (out.write(data)) return true;
  return await once(out, 'drain', { signal }).then(
    () => true,
    () => false,
  );
}
