// ADD of local archives: told by their first bytes, unpacked into the image instead of copied.
import { createReadStream } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { Readable } from 'node:stream';
import { compressionOf, decompressed, MAGIC_BYTES } from '../decompress.ts';
import type { Found, GantryFs, Tree, WritableTree } from '../gantry-fs.ts';
import type { SourceGroup } from './copy-sources.ts';
import { checksumFits } from './tar-check.ts';

const TAR_BLOCK = 512;

/** Those of the found files that are tars, compressed or not. */
export async function archivesIn(groups: readonly SourceGroup[]): Promise<Set<Found>> {
  const archives = new Set<Found>();
  for (const { tree, found, isLocal } of groups) {
    const files = isLocal ? found.filter(({ kind }) => kind === 'file') : [];
    for (const item of files) if (await isTar(await tree(), item.path)) archives.add(item);
  }
  return archives;
}

/** One archive and where it goes. */
export interface UnpackJob {
  readonly tree: Tree;
  readonly path: string;
  readonly into: WritableTree;
  readonly target: string;
  readonly owner: string | undefined;
  readonly signal: AbortSignal;
}

/** Unpacks it; owners are the archive's unless one is given. */
export async function unpackArchive(fs: GantryFs, job: UnpackJob): Promise<void> {
  const { into, target, owner, signal } = job;
  const file = await confined(job.tree, job.path);
  if (file === undefined) return;
  await fs.copy({ into, make: target, pairs: [], signal });
  const source = Readable.from(await plainBytes(file, signal), { objectMode: false });
  await fs.put({ into, path: target, source, ...(owner === undefined ? {} : { owner }), signal });
}

async function isTar(tree: Tree, path: string): Promise<boolean> {
  const file = await confined(tree, path);
  if (file === undefined) return false;
  const block = await firstBlock(file);
  return block !== undefined && checksumFits(block);
}

/**
 * The host's path of a file in the context; undefined when symlinks lead out of it: it is copied then, which follows
 * them inside. Nobody but the engine writes to a context, so what is true here stays true.
 */
async function confined(tree: Tree, path: string): Promise<string | undefined> {
  if (!('dir' in tree)) return undefined;
  const root = await realpath(tree.dir);
  const file = await realpath(join(root, path)).catch(() => undefined);
  return file?.startsWith(root + sep) === true ? file : undefined;
}

async function plainBytes(file: string, signal: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
  await using handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(MAGIC_BYTES), 0, MAGIC_BYTES, 0);
  return decompressed(createReadStream(file, { highWaterMark: 256 * 1024 }), compressionOf(buffer), { signal });
}

/** The first block behind the compression; undefined when it is shorter or no such compression after all. */
async function firstBlock(file: string): Promise<Buffer | undefined> {
  const enough = new AbortController();
  let block: Buffer = Buffer.alloc(0);
  try {
    for await (const chunk of await plainBytes(file, enough.signal)) {
      block = Buffer.concat([block, chunk]);
      if (block.length >= TAR_BLOCK) break;
    }
  } catch {
    // damaged or something else that begins alike: a file to be copied
    return undefined;
  }
  return block.length >= TAR_BLOCK ? block.subarray(0, TAR_BLOCK) : undefined;
}
