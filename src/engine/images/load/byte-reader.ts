// Reads a stream of chunks by exact numbers of bytes. Holds one chunk at a time, plus what one `read` asks for.
import { GantryError } from '../../../base/error.ts';

/** A stream that is read by counts. */
export interface ByteReader {
  /** Exactly `size` bytes, or undefined at a clean end before the first. Throws when the stream ends in between. */
  read(size: number): Promise<Buffer | undefined>;
  /** The next `size` bytes as they come. */
  chunks(size: number): AsyncGenerator<Uint8Array>;
  /** Reads all that is left. */
  drain(): Promise<void>;
  /** Lets go of the stream, read to its end or not. */
  close(): Promise<void>;
}

/** A reader over a stream, to be closed. */
export function byteReader(source: AsyncIterable<Uint8Array>): ByteReader {
  const iterator = source[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  const fill = async (): Promise<boolean> => {
    while (rest.length === 0) {
      const next = await iterator.next();
      if (next.done === true) return false;
      rest = next.value;
    }
    return true;
  };
  const take = (size: number): Uint8Array => {
    const part = rest.subarray(0, size);
    rest = rest.subarray(part.length);
    return part;
  };
  const chunks = async function* (size: number): AsyncGenerator<Uint8Array> {
    for (let left = size; left > 0;) {
      if (!(await fill())) throw truncated();
      const part = take(left);
      left -= part.length;
      yield part;
    }
  };
  return {
    chunks,
    read: async (size) => {
      if (!(await fill())) return undefined;
      const parts: Uint8Array[] = [];
      for await (const part of chunks(size)) parts.push(part);
      return Buffer.concat(parts);
    },
    drain: async () => {
      while (await fill()) rest = rest.subarray(rest.length);
    },
    close: async () => {
      await iterator.return?.();
    },
  };
}

function truncated(): GantryError {
  return new GantryError('engine/bad-parameter', 'cannot read the archive: it ends too early');
}
