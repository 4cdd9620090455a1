// Writes a stream to standard output or to a file. A file appears by rename, so that a failure leaves no half of one.
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GantryError, messageOf } from '../../base/error.ts';
import type { Context } from '../context.ts';

/** Resolves when everything is written. Throws usage/invalid-flag for a file that cannot be written. */
export async function writeStream(context: Context, input: Readable, file: string | undefined): Promise<void> {
  const { signal } = context.interrupts;
  if (file === undefined) {
    await pipeline(input, context.io.stdout, { signal, end: false });
    return;
  }
  const found = await stat(file).catch(() => undefined);
  if (found?.isDirectory() === true) throw refused(input, file, 'it is a folder');
  // a device or a pipe is written as it is
  if (found !== undefined && !found.isFile()) await pipeline(input, createWriteStream(file), { signal });
  else await writeFile(input, { file, signal });
}

async function writeFile(
  input: Readable,
  { file, signal }: { readonly file: string; readonly signal: AbortSignal },
): Promise<void> {
  const folder = await stat(dirname(file)).catch(() => undefined);
  if (folder?.isDirectory() !== true) throw refused(input, file, `there is no folder ${dirname(file)}`);
  const part = `${file}.${randomBytes(4).toString('hex')}.part`;
  try {
    await pipeline(input, createWriteStream(part, { flags: 'wx', mode: 0o600 }), { signal });
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error instanceof GantryError ? error : refused(input, file, messageOf(error), error);
  }
}

function refused(input: Readable, file: string, why: string, cause?: unknown): GantryError {
  input.destroy();
  return new GantryError('usage/invalid-flag', `cannot write ${file}: ${why}`, cause === undefined ? {} : { cause });
}
