// Reads the body of an answer into memory, no further than a cap.
import type { Readable } from 'node:stream';
import { GantryError } from '../../base/error.ts';

/** All bytes of a body. Throws registry/protocol when there are more than `cap`. */
export async function readCapped(body: Readable, cap: number, what: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > cap) throw new GantryError('registry/protocol', `${what} is larger than ${cap} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
