// The files of a build context, folders before what is in them, in the order of their names.
import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError, messageOf } from '../../base/error.ts';
import type { IgnoreMatcher } from '../../base/ignore.ts';

/** Something that is sent. */
export interface ContextEntry {
  /** From the context's folder, `/` between. */
  readonly path: string;
  readonly stats: Stats;
}

/** What is walked. */
export interface WalkOptions {
  readonly folder: string;
  readonly ignore: IgnoreMatcher;
  readonly always: readonly string[];
}

/** All that is not ignored; a folder that is ignored comes when something below it is kept. */
export async function* walkContext(options: WalkOptions): AsyncGenerator<ContextEntry, void, undefined> {
  yield* walk(options, '', []);
}

/** `unsent`: the folders above that are ignored; they are sent with the first thing below them that is kept. */
async function* walk(
  options: WalkOptions,
  folder: string,
  unsent: ContextEntry[],
): AsyncGenerator<ContextEntry, void, undefined> {
  for (const name of (await namesIn(options.folder, folder)).toSorted()) {
    const path = folder === '' ? name : `${folder}/${name}`;
    const stats = await statsOf(options.folder, path);
    if (stats === undefined) continue;
    const isKept = options.always.includes(path) || !options.ignore.ignores(path);
    const entry = { path, stats };
    if (isKept) yield* [...unsent.splice(0), entry];
    if (!stats.isDirectory() || (!isKept && prunes(options, path))) continue;
    if (!isKept) unsent.push(entry);
    yield* walk(options, path, unsent);
    if (unsent.at(-1) === entry) unsent.pop();
  }
}

function prunes({ ignore, always }: WalkOptions, folder: string): boolean {
  return ignore.prunes(folder) && !always.some((path) => path.startsWith(`${folder}/`));
}

async function namesIn(root: string, folder: string): Promise<readonly string[]> {
  try {
    return await readdir(join(root, folder));
  } catch (error) {
    throw unreadable(folder === '' ? root : folder, error);
  }
}

/** Undefined when it went away since its name was read. */
async function statsOf(root: string, path: string): Promise<Stats | undefined> {
  try {
    return await lstat(join(root, path));
  } catch (error) {
    const isGone = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isGone && !path.includes('\uFFFD')) return undefined;
    throw unreadable(path, error);
  }
}

/** The error for something of the context that cannot be read, by its name. */
export function unreadable(path: string, cause: unknown): GantryError {
  return new GantryError('client/bad-context', `cannot read ${path} of the build context: ${messageOf(cause)}`, {
    hint: `make it readable, or leave it out: a line "${path}" in .dockerignore`,
    cause,
  });
}
