// Removes what no image and no container needs any more: hidden images, layers, blobs, leftovers of crashes.
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { hexOf } from './folders.ts';
import { digestsOf, type BlobRecord, type LayerRecord } from './records.ts';
import type { ImageStore } from './store.ts';

/** Makes the folders and removes everything that a crash may have left. Called once, before anything else. */
export async function prepareStore(store: ImageStore): Promise<void> {
  const { blobs, layers, work } = store.folders;
  await store.fs.remove([work], {});
  for (const folder of [blobs, layers, work]) await mkdir(folder, { recursive: true, mode: 0o700 });
  await sweep(store);
  const kept = new Set(store.records.layers().flatMap((layer) => digestsOf(layer).map(hexOf)));
  await removeStrangers(store, layers, kept);
  await removeStrangers(store, blobs, kept);
}

/** Drops hidden images that nothing uses and layers that no image has; gives the layers that went. */
export async function sweep(store: ImageStore): Promise<readonly LayerRecord[]> {
  const gone = store.records.transaction(() => dropRows(store));
  const blobsInUse = new Set(store.records.layers().map(({ blob }) => blob?.digest));
  const isFree = ({ digest }: BlobRecord): boolean => !blobsInUse.has(digest) && !store.pins.has(digest);
  const paths = gone.flatMap(({ chain, blob }) => [
    store.folders.layer(chain),
    ...(blob !== undefined && isFree(blob) ? [store.folders.blob(blob.digest)] : []),
  ]);
  await removePaths(store, paths);
  return gone;
}

function dropRows(store: ImageStore): LayerRecord[] {
  const { records, usage, pins } = store;
  const images = records.images();
  const unused = images.filter(
    ({ id, hidden }) => hidden === true && usage.containersOfImage(id, { runningOnly: false }).length === 0,
  );
  for (const { id } of unused) records.deleteImage(id);
  const needed = new Set(images.filter((image) => !unused.includes(image)).flatMap(({ chains }) => chains));
  const gone = records.layers().filter(({ chain }) => !needed.has(chain) && !pins.has(chain));
  for (const { chain } of gone) records.deleteLayer(chain);
  return gone;
}

/** Things without a row in a folder of digests. */
async function removeStrangers(store: ImageStore, folder: string, kept: ReadonlySet<string>): Promise<void> {
  const names = await readdir(folder);
  await removePaths(
    store,
    names.filter((name) => !kept.has(name)).map((name) => join(folder, name)),
  );
}

/** First all are moved away, so that new things of the same name never meet half-removed ones. */
async function removePaths(store: ImageStore, paths: readonly string[]): Promise<void> {
  const away: string[] = [];
  for (const path of paths) {
    const target = join(store.folders.work, `gone-${randomBytes(8).toString('hex')}`);
    if (await moved(path, target)) away.push(target);
  }
  await store.fs.remove(away, {});
}

async function moved(path: string, target: string): Promise<boolean> {
  try {
    await rename(path, target);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
