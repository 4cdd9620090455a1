// The Dockerfile and the ignore file are always sent, since the builder needs them. When the ignore file names them, no
// COPY is to see them: they are taken out of the unpacked context.
import { lstat, readFile, realpath, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ignoreMatcher, parseIgnoreFile } from '../../base/ignore.ts';

/** More is no ignore file. */
const MAX_BYTES = 1024 * 1024;

/** Removes what was only sent for the builder. Throws client/bad-context for a pattern that cannot be read. */
export async function removeSentOnly(context: string, dockerfile: string): Promise<void> {
  const file = join(context, '.dockerignore');
  const found = await lstat(file).catch(() => undefined);
  if (found?.isFile() !== true || found.size > MAX_BYTES) return;
  const matcher = ignoreMatcher(parseIgnoreFile(await readFile(file, 'utf8')));
  for (const name of ['.dockerignore', dockerfile.replace(/^\/+/, '')]) {
    if (matcher.ignores(name) && (await isWithin(context, name))) await unlink(join(context, name));
  }
}

/** It is there, and no link leads to it: what a client sent must not point the engine elsewhere. */
async function isWithin(context: string, name: string): Promise<boolean> {
  const path = join(context, name);
  const folder = await realpath(dirname(path)).catch(() => undefined);
  if (folder !== join(await realpath(context), dirname(name))) return false;
  return (await lstat(path).catch(() => undefined))?.isFile() === true;
}
