// The bytes of a context as they came: a small one is kept in memory, a larger one in a file of the work folder.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { compressionOf, type Compression } from '../decompress.ts';
import { receiveBlob } from '../images/blobs.ts';
import type { ImageFolders } from '../images/folders.ts';
import { dropReceived } from '../images/layers.ts';

/** Bytes that a context may hold in memory. */
export const MAX_IN_MEMORY = 4 * 1024 * 1024;
const CHUNK = 256 * 1024;

/** Received bytes; whoever received them drops them. */
export interface ContextBytes {
  readonly digest: string;
  readonly size: number;
  readonly compression: Compression;
  /** The first bytes, at most so many. */
  start(count: number): Promise<Buffer>;
  /** All of them, as often as asked for. */
  stream(): Readable;
  drop(): Promise<void>;
}

/** Receives them. Throws engine/disk-full. */
export async function receiveBytes(
  folders: Pick<ImageFolders, 'work'>,
  body: AsyncIterable<Uint8Array>,
  { signal }: { readonly signal: AbortSignal },
): Promise<ContextBytes> {
  const chunks: Uint8Array[] = [];
  const source = body[Symbol.asyncIterator]();
  let size = 0;
  while (size <= MAX_IN_MEMORY) {
    const next = await source.next();
    if (next.done === true) return inMemory(Buffer.concat(chunks));
    chunks.push(next.value);
    size += next.value.length;
  }
  return await inFile(folders, followedBy(chunks, source), signal);
}

function inMemory(bytes: Buffer): ContextBytes {
  return {
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    size: bytes.length,
    compression: compressionOf(bytes),
    start: async (count) => Promise.resolve(bytes.subarray(0, count)),
    stream: () => Readable.from([bytes], { objectMode: false }),
    drop: async () => Promise.resolve(),
  };
}

async function inFile(
  folders: Pick<ImageFolders, 'work'>,
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<ContextBytes> {
  const blob = await receiveBlob(folders, body, { signal });
  const { file, digest, size, compression } = blob;
  return {
    ...{ digest, size, compression },
    start: async (count) => {
      await using handle = await open(file);
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(count), 0, count, 0);
      return buffer.subarray(0, bytesRead);
    },
    stream: () => createReadStream(file, { highWaterMark: CHUNK }),
    drop: async () => await dropReceived(blob),
  };
}

async function* followedBy(chunks: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
