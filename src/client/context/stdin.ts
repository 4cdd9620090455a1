// A build's stdin: an archive or a Dockerfile? Told by its first bytes, which are not lost.
import { Readable } from 'node:stream';
import { GantryError } from '../../base/error.ts';

/** The first bytes of a stream (fewer when it is shorter), and the stream with them. */
export async function peek(input: Readable): Promise<{ head: Buffer; whole: Readable }> {
  const chunks: Buffer[] = [];
  let size = 0;
  const iterator = (input as AsyncIterable<Buffer | string>)[Symbol.asyncIterator]();
  while (size < HEAD) {
    const next = await iterator.next();
    if (next.done === true) break;
    const chunk = Buffer.from(next.value);
    chunks.push(chunk);
    size += chunk.length;
  }
  return { head: Buffer.concat(chunks), whole: Readable.from(rest(chunks, iterator), { objectMode: false }) };
}

/** Tar (old and new), gzip, bzip2, xz or zstd. */
export function looksLikeArchive(head: Buffer): boolean {
  return MAGICS.some((magic) => head.subarray(0, magic.length).equals(magic)) || isTar(head);
}

/** The text of a Dockerfile from a stream. Throws client/bad-context when it is empty or too long. */
export async function readDockerfile(input: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of input as AsyncIterable<Buffer | string>) {
    chunks.push(Buffer.from(chunk));
    size += chunk.length;
    if (size > MAX_DOCKERFILE)
      throw new GantryError('client/bad-context', 'the Dockerfile from stdin is larger than 4 MiB');
  }
  if (size > 0) return Buffer.concat(chunks);
  throw new GantryError('client/bad-context', 'the Dockerfile cannot be empty: nothing came from stdin');
}

const HEAD = 512;
const MAX_DOCKERFILE = 4 * 1024 * 1024;
const MAGICS = ['1f8b', '425a68', 'fd377a585a00', '28b52ffd'].map((hex) => Buffer.from(hex, 'hex'));

/** The header's checksum is right. */
function isTar(head: Buffer): boolean {
  if (head.length < HEAD) return false;
  const header = head.subarray(0, HEAD);
  if (header.toString('latin1', 257, 262) === 'ustar') return true;
  const stated = Number.parseInt(header.toString('latin1', 148, 156).trim(), 8);
  const sum = header.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 32 : byte), 0);
  return sum === stated;
}

async function* rest(
  head: readonly Buffer[],
  iterator: AsyncIterator<Buffer | string>,
): AsyncGenerator<Buffer | string, void, undefined> {
  yield* head;
  for (;;) {
    const next = await iterator.next();
    if (next.done === true) return;
    yield next.value;
  }
}
