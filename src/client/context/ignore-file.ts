// Which ignore file counts for a build: the Dockerfile's own (`NAME.dockerignore` beside it) before `.dockerignore`.
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { GantryError } from '../../base/error.ts';
import { parseIgnoreFile } from '../../base/ignore.ts';

/** An ignore file that was read. */
export interface IgnoreFile {
  /** Absent when there is none. */
  readonly path?: string;
  readonly patterns: readonly string[];
}

/** More would not be an ignore file. */
const MAX_BYTES = 1024 * 1024;

/**
 * Reads the ignore file of a context folder. `dockerfile` is its absolute path, when it is a file.
 * Throws client/bad-context when it is there and cannot be read.
 */
export async function readIgnoreFile(context: string, dockerfile?: string): Promise<IgnoreFile> {
  const own = dockerfile === undefined ? [] : [join(dirname(dockerfile), `${basename(dockerfile)}.dockerignore`)];
  for (const path of [...own, join(context, '.dockerignore')]) {
    const text = await textOf(path);
    if (text !== undefined) return { path, patterns: parseIgnoreFile(text) };
  }
  return { patterns: [] };
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    const bytes = await readFile(path);
    if (bytes.length > MAX_BYTES) throw new GantryError('client/bad-context', `${path} is larger than 1 MiB`);
    return bytes.toString('utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    if (error instanceof GantryError) throw error;
    throw new GantryError('client/bad-context', `cannot read ${path}`, { cause: error });
  }
}
