// Makes a layer of an overlay's upper folder: what a container wrote, or what a build step copied. The folder itself
// becomes the layer where nobody needs it any more, else it is copied. It never touches the tables: see pending.ts.
import { createHash, randomBytes, type Hash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { roomBelow } from './blobs.ts';
import { digestOf } from './config.ts';
import type { LayerStore } from './layers.ts';
import type { LayerRecord } from './records.ts';

/** An upper folder and what it lies on. */
export interface SnapshotRequest {
  /** The folder, on the file system of the data folder; nothing writes to it meanwhile when it is moved. */
  readonly upper: string;
  /** Chain id of the layer below; none when it is the lowest. */
  readonly below?: string;
  /** True leaves the folder as it is and copies it: for a container that lives on. */
  readonly keep: boolean;
}

/** A layer that lies in the work folder: `diff` and `recipe.zst`, as in the layers folder. */
export interface DraftLayer {
  readonly folder: string;
  readonly layer: LayerRecord;
}

const compress = promisify(zstdCompress);

/** Makes the layer in a new folder of the work folder, which is the caller's to publish or to remove. */
export async function draftLayer(
  store: LayerStore,
  request: SnapshotRequest,
  options: { readonly signal: AbortSignal },
): Promise<DraftLayer> {
  const folder = join(store.folders.work, randomBytes(8).toString('hex'));
  try {
    await mkdir(folder, { mode: 0o755 });
    const made = request.keep
      ? await copied(store, { request, folder }, options.signal)
      : await moved(store, { request, folder }, options.signal);
    const recipe = join(folder, 'recipe');
    await writeFile(`${recipe}.zst`, await compress(await readFile(recipe)), { mode: 0o600 });
    await store.fs.remove([recipe], {});
    const { diffId, bytes, tarSize } = made;
    const chain = request.below === undefined ? diffId : digestOf(`${request.below} ${diffId}`);
    return { folder, layer: { chain, diffId, size: bytes, tarSize } };
  } catch (error) {
    await store.fs.remove([folder], {});
    throw error;
  }
}

interface Job {
  readonly request: SnapshotRequest;
  readonly folder: string;
}

interface Made {
  readonly diffId: string;
  readonly bytes: number;
  readonly tarSize: number;
}

async function moved(store: LayerStore, { request, folder }: Job, signal: AbortSignal): Promise<Made> {
  const tally: Tally = { hash: createHash('sha256'), tarSize: 0 };
  const { bytes } = await store.fs.snapshot({
    root: request.upper,
    recipe: join(folder, 'recipe'),
    take: async (archive) => {
      for await (const chunk of archive) count(tally, chunk);
    },
    signal,
  });
  await rename(request.upper, join(folder, 'diff'));
  return madeOf(tally, bytes);
}

/** Unpacks the archive beside the folder, so that what was hashed is what lies there, whatever changes meanwhile. */
async function copied(store: LayerStore, { request, folder }: Job, signal: AbortSignal): Promise<Made> {
  const root = join(folder, 'diff');
  await mkdir(root, { mode: 0o755 });
  const tally: Tally = { hash: createHash('sha256'), tarSize: 0 };
  const maxBytes = await roomBelow(root);
  let bytes = 0;
  await store.fs.snapshot({
    root: request.upper,
    take: async (archive) => {
      const source = Readable.from(counted(archive, tally), { objectMode: false });
      ({ bytes } = await store.fs.unpack({ root, recipe: join(folder, 'recipe'), maxBytes, source, signal }));
    },
    signal,
  });
  return madeOf(tally, bytes);
}

/** An archive as it passes. */
interface Tally {
  readonly hash: Hash;
  tarSize: number;
}

function count(tally: Tally, chunk: Buffer): void {
  tally.hash.update(chunk);
  tally.tarSize += chunk.length;
}

async function* counted(archive: AsyncIterable<Buffer>, tally: Tally): AsyncGenerator<Buffer> {
  for await (const chunk of archive) {
    count(tally, chunk);
    yield chunk;
  }
}

function madeOf({ hash, tarSize }: Tally, bytes: number): Made {
  return { diffId: `sha256:${hash.digest('hex')}`, bytes, tarSize };
}
