// Takes the compression off a stream of bytes, bounded. Gzip and zstd by node itself; xz and bzip2 by the host's own
// programs, looked up in fixed folders of the host and never inside a container.
import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { GantryError } from '../base/error.ts';
import { startProcess } from '../base/process.ts';

/** How bytes are compressed. */
export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

/** Bytes of a stream's start that tell its compression. */
export const MAGIC_BYTES = 6;

const MAGICS: readonly (readonly [string, Compression])[] = [
  ['1f8b', 'gzip'],
  ['28b52ffd', 'zstd'],
  ['fd377a585a00', 'xz'],
  ['425a68', 'bzip2'],
];

/** Bytes may not grow by more than this factor once they are over the floor (decompression bombs). */
const MAX_RATIO = 200;
const RATIO_FLOOR = 1024 ** 3;

const CHUNK = 256 * 1024;
/** Where a host has its programs. */
const FOLDERS = ['/usr/bin', '/bin', '/usr/local/bin'];

/** The compression of a stream that starts with these bytes. */
export function compressionOf(start: Uint8Array): Compression {
  const head = Buffer.from(start.subarray(0, MAGIC_BYTES)).toString('hex');
  return MAGICS.find(([magic]) => head.startsWith(magic))?.[1] ?? 'none';
}

/** The plain bytes of a stream. Throws engine/bad-parameter when it is damaged or grows beyond reason. */
export async function* decompressed(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  if (compression === 'none') {
    yield* source;
    return;
  }
  const taken = { bytes: 0 };
  let made = 0;
  try {
    for await (const chunk of unzipped(counted(source, taken), compression)) {
      made += chunk.length;
      if (made > Math.max(RATIO_FLOOR, taken.bytes * MAX_RATIO))
        throw bad('the archive grows too much when it is unpacked');
      yield chunk;
    }
  } catch (cause) {
    signal.throwIfAborted();
    if (cause instanceof GantryError) throw cause;
    throw bad('cannot decompress the archive: it is damaged', cause);
  }
}

/** The same for a stream whose compression its first bytes tell. */
export async function* plainBytes(
  source: AsyncIterable<Uint8Array>,
  options: { readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const chunks = source[Symbol.asyncIterator]();
  const start: Uint8Array[] = [];
  let size = 0;
  while (size < MAGIC_BYTES) {
    const next = await chunks.next();
    if (next.done === true) break;
    start.push(next.value);
    size += next.value.length;
  }
  yield* decompressed(joined(start, chunks), compressionOf(Buffer.concat(start)), options);
}

async function* joined(start: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* start;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}

async function* counted(source: AsyncIterable<Uint8Array>, taken: { bytes: number }): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    taken.bytes += chunk.length;
    yield chunk;
  }
}

function unzipped(source: AsyncIterable<Uint8Array>, compression: Compression): AsyncIterable<Buffer> {
  const input = Readable.from(source, { objectMode: false });
  if (compression === 'xz' || compression === 'bzip2') return throughProgram(input, compression);
  const unzip =
    compression === 'gzip' ? createGunzip({ chunkSize: CHUNK }) : createZstdDecompress({ chunkSize: CHUNK });
  feed(input, unzip);
  return unzip;
}

/** The reader of `sink` hears of every failure, and this one need not. */
function feed(input: Readable, sink: Writable): void {
  pipeline(input, sink).catch(() => undefined);
}

async function* throughProgram(input: Readable, name: string): AsyncGenerator<Buffer> {
  const child = startProcess(await programPath(name), ['-d', '-c'], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: {},
    cwd: '/',
  });
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject).once('close', resolve);
  ended.catch(() => undefined);
  const { stdin, stdout } = child;
  if (stdin === null || stdout === null) throw new Error('a child without its pipes');
  let failure: Error | undefined;
  input.once('error', (error) => (failure = error));
  feed(input, stdin);
  try {
    yield* stdout as AsyncIterable<Buffer>;
    const status = await ended;
    if (failure !== undefined) throw failure;
    if (status !== 0) throw bad(`cannot decompress the archive: ${name} says that it is damaged`);
  } finally {
    child.kill('SIGKILL');
  }
}

async function programPath(name: string): Promise<string> {
  for (const path of FOLDERS.map((folder) => join(folder, name))) {
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new GantryError('engine/bad-parameter', `the archive is compressed with ${name}, which this machine has not`, {
    hint: `install ${name === 'xz' ? 'xz-utils' : name}, or compress it with gzip or zstd`,
  });
}

function bad(message: string, cause?: unknown): GantryError {
  return new GantryError('engine/bad-parameter', message, cause === undefined ? {} : { cause });
}
