// The stream behind a file argument, where `-` is standard input.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { GantryError } from '../../base/error.ts';
import type { Context } from '../context.ts';

/** Opens it. Throws usage/invalid-flag when there is no such file. */
export async function openInput(context: Context, file: string): Promise<Readable> {
  if (file === '-') return context.io.stdin;
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) throw new GantryError('usage/invalid-flag', `no such file: ${file}`);
  if (found.isDirectory()) throw new GantryError('usage/invalid-flag', `${file} is a folder, not an archive`);
  return createReadStream(file, { highWaterMark: 1024 * 1024 });
}
