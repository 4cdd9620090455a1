// Takes an image archive apart into the work folder: one numbered file per entry, hashed while it is written. The
// archive's own names are only ever keys of a map, so that no name leads anywhere.
import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '../../../base/error.ts';
import { plainBytes } from '../../decompress.ts';
import { receiveBlob, type ReceivedBlob } from '../blobs.ts';
import type { ImageStore } from '../store.ts';
import { readTar } from './tar-reader.ts';

/** Cap on each JSON file of an archive in bytes; configurations have a larger one of their own. */
const MAX_INDEX = 4 * 1024 * 1024;

/** Links that may point to links. */
const MAX_LINKS = 8;

/** The files of an archive. Disposing of it removes them. */
export interface Spool extends AsyncDisposable {
  /** True when the archive has a file of this name. */
  has(name: string): boolean;
  /** The file of a name, links followed. Throws engine/bad-parameter when it is not there. */
  file(name: string): ReceivedBlob;
  /** Its text; at most `max` bytes. */
  text(name: string, max?: number): Promise<string>;
  /** The same file under a name of its own, for those who take it away. */
  copy(name: string): Promise<ReceivedBlob>;
}

/** Receives an archive, which may be compressed as a whole. */
export async function spoolArchive(
  store: ImageStore,
  body: AsyncIterable<Uint8Array>,
  { signal }: { readonly signal: AbortSignal },
): Promise<Spool> {
  const folder = join(store.folders.work, randomBytes(8).toString('hex'));
  await mkdir(folder, { mode: 0o700 });
  const remove = async (): Promise<void> => store.fs.remove([folder], {});
  try {
    return spoolOf(folder, await receiveEntries(folder, plainBytes(body, { signal }), signal), remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

interface Entries {
  readonly files: ReadonlyMap<string, ReceivedBlob>;
  /** Names of links, with the names they point to. */
  readonly links: ReadonlyMap<string, string>;
}

async function receiveEntries(folder: string, tar: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Entries> {
  const files = new Map<string, ReceivedBlob>();
  const links = new Map<string, string>();
  for await (const entry of readTar(tar)) {
    const name = plainName(entry.name);
    if (entry.kind === 'file') files.set(name, await receiveBlob({ work: folder }, entry.content, { signal }));
    else if (entry.kind === 'link') links.set(name, plainName(entry.link));
    else if (entry.kind === 'symlink') links.set(name, plainName(`${name}/../${entry.link}`));
  }
  return { files, links };
}

/** Without `.`, `..` and doubled slashes: what the name means within the archive. */
function plainName(name: string): string {
  const parts: string[] = [];
  for (const part of name.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function spoolOf(folder: string, { files, links }: Entries, remove: () => Promise<void>): Spool {
  const find = (name: string): ReceivedBlob | undefined => {
    let at = plainName(name);
    for (let left = MAX_LINKS; left > 0 && !files.has(at); left -= 1) at = links.get(at) ?? at;
    return files.get(at);
  };
  const file = (name: string): ReceivedBlob => {
    const found = find(name);
    if (found === undefined) throw new GantryError('engine/bad-parameter', `the archive has no file ${name}`);
    return found;
  };
  return {
    has: (name) => find(name) !== undefined,
    file,
    text: async (name, max = MAX_INDEX) => {
      const found = file(name);
      if (found.size > max) throw new GantryError('engine/bad-parameter', `${name} is larger than ${max} bytes`);
      return await readFile(found.file, 'utf8');
    },
    copy: async (name) => {
      const found = file(name);
      const copy = join(folder, randomBytes(8).toString('hex'));
      await link(found.file, copy);
      return { ...found, file: copy };
    },
    [Symbol.asyncDispose]: remove,
  };
}
