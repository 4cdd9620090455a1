// Reads one text file with the checks every text of the loader gets: size, UTF-8, no NUL bytes.
import { closeSync, constants, createReadStream, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { didYouMean } from '../../base/did-you-mean.ts';
import { GantryError, messageOf } from '../../base/error.ts';
import type { ErrorCode } from '../../base/codes.ts';
import type { Source } from '../source.ts';

/** No text file of a project may be larger, in bytes. */
export const MAX_TEXT_FILE = 4 * 1024 * 1024;

/** Reads a file. Throws compose/file-not-found, or compose/invalid-file when it is no text or too large. */
export async function readSource(path: string, signal?: AbortSignal): Promise<Source> {
  signal?.throwIfAborted();
  const bytes = await readBytes(path, signal);
  return { path, text: decodeText(bytes, path) };
}

/** Checks and decodes the bytes of a text; a byte order mark is dropped. */
export function decodeText(bytes: Uint8Array, name: string): string {
  const zero = bytes.indexOf(0);
  if (zero >= 0) throw unreadable(`${name} holds a NUL byte at offset ${zero}`, 'it must be a text file in UTF-8');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(`${name} is not valid UTF-8`, 'convert it with iconv -t UTF-8', cause);
  }
}

async function readBytes(path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  try {
    const info = statSync(path);
    if (info.isDirectory()) throw unreadable(`${path} is a directory`, 'name a file');
    if (info.size > MAX_TEXT_FILE) throw tooLarge(path);
    return info.isFile() ? readRegular(path) : await readPipe(path, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof GantryError) throw error;
    throw notReadable(path, error);
  }
}

/** A small local file is read at once: starting the thread pool for it would cost more. */
function readRegular(path: string): Uint8Array {
  // what says that it is a file may still be a log of the kernel that keeps its readers waiting
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const chunks: Uint8Array[] = [];
    for (let total = 0; ;) {
      const chunk = Buffer.allocUnsafe(64 * 1024);
      const size = readSync(fd, chunk);
      if (size === 0) return Buffer.concat(chunks, total);
      total += size;
      if (total > MAX_TEXT_FILE) throw tooLarge(path);
      chunks.push(chunk.subarray(0, size));
    }
  } finally {
    closeSync(fd);
  }
}

/** How long somebody may take to begin writing into a pipe, in ms. */
const PIPE_WAIT = 10_000;

/** A pipe (`-f <(command)`) may keep its reader waiting, and can be opened only once. */
async function readPipe(path: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const stream = createReadStream(path, { signal });
  const waiting = { inVain: false };
  const timer = setTimeout(() => {
    waiting.inVain = true;
    endOpening(path);
  }, PIPE_WAIT);
  stream.once('open', () => clearTimeout(timer));
  const chunks: Uint8Array[] = [];
  let total = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Uint8Array>) {
      total += chunk.length;
      if (total > MAX_TEXT_FILE) throw tooLarge(path);
      chunks.push(chunk);
    }
  } finally {
    clearTimeout(timer);
  }
  if (waiting.inVain) throw unreadable(`${path} is a pipe that nobody writes into`, 'start what writes into it first');
  return Buffer.concat(chunks, total);
}

/** Opening a pipe waits for a writer, and no timer ends that: so this is one, for a moment. */
function endOpening(path: string): void {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
  } catch (error) {
    // it was opened at the same moment
    if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
  }
}

const ERRNO: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: ['compose/file-not-found', 'does not exist'],
  ENOTDIR: ['compose/file-not-found', 'does not exist'],
  EACCES: ['compose/invalid-file', 'may not be read (permission denied)'],
  ELOOP: ['compose/invalid-file', 'is a loop of symbolic links'],
};

function notReadable(path: string, cause: unknown): GantryError {
  const errno = (cause as NodeJS.ErrnoException).code ?? '';
  const [code, why] = ERRNO[errno] ?? (['compose/invalid-file', `could not be read: ${messageOf(cause)}`] as const);
  const hint = code === 'compose/file-not-found' ? neighbour(path) : undefined;
  return new GantryError(code, `${path} ${why}`, { cause, ...(hint !== undefined && { hint }) });
}

/** A file of a similar name beside the one that is not there. */
function neighbour(path: string): string | undefined {
  try {
    return didYouMean(basename(path), readdirSync(dirname(path)));
  } catch {
    return undefined; // the folder is not there either, which the message says
  }
}

const tooLarge = (path: string): GantryError =>
  unreadable(
    `${path} is larger than ${MAX_TEXT_FILE / 1024 / 1024} MiB`,
    'compose files are small: is it the right one?',
  );

function unreadable(message: string, hint: string, cause?: unknown): GantryError {
  return new GantryError('compose/invalid-file', message, { hint, ...(cause !== undefined && { cause }) });
}
