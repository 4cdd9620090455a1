// Removes what no image and no container needs any more: hidden images, layers, blobs, leftovers of crashes.
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { hexOf } from './folders.ts';
import { dropPending } from './pending.ts';
import { digestsOf, type BlobRecord, type LayerRecord } from './records.ts';
import type { ImageStore } from './store.ts';
import { dropSources } from './transfer/store.ts';

/**
 * Makes the folders and moves away everything that a crash may have left. Called once, before anything else.
 * What was moved is removed meanwhile: no start waits for it.
 */
export async function prepareStore(store: ImageStore): Promise<void> {
  const { blobs, layers, work } = store.folders;
  for (const folder of [blobs, layers, work]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const old = (await readdir(work)).map((name) => join(work, name));
  const gone = store.records.transaction(() => dropRows(store));
  const kept = new Set(store.records.layers().flatMap((layer) => digestsOf(layer).map(hexOf)));
  const away = await moveAway(store, [
    ...pathsOf(store, gone),
    ...(await strangersIn(layers, kept)),
    ...(await strangersIn(blobs, kept)),
  ]);
  void removeLater(store, [...old, ...away]);
}

/** Drops hidden images that nothing uses and layers that no image has; gives the layers that went. */
export async function sweep(store: ImageStore): Promise<readonly LayerRecord[]> {
  const gone = store.records.transaction(() => dropRows(store));
  await store.fs.remove(await moveLayersAway(store, [...gone, ...dropPending(store)]), {});
  return gone;
}

/** One that a pull or a build has brought back since its row went stays. */
async function moveLayersAway(store: ImageStore, gone: readonly LayerRecord[]): Promise<readonly string[]> {
  const { records, pending, pins, lock } = store;
  const isBack = (chain: string): boolean =>
    records.layer(chain) !== undefined || pending.has(chain) || pins.has(chain);
  const away: string[] = [];
  for (const layer of gone) {
    await lock.run(layer.chain, async () => {
      if (!isBack(layer.chain)) away.push(...(await moveAway(store, pathsOf(store, [layer]))));
    });
  }
  return away;
}

async function removeLater(store: ImageStore, paths: readonly string[]): Promise<void> {
  const { signal, log } = store.context;
  try {
    await store.fs.remove(paths, { signal });
  } catch (error) {
    // the next start finds them again
    if (!signal.aborted) log.warn('leftovers of images were not removed', { error });
  }
}

/** What dropped layers have on disk; a blob that another layer has too stays. */
function pathsOf(store: ImageStore, gone: readonly LayerRecord[]): string[] {
  const blobsInUse = new Set(store.records.layers().map(({ blob }) => blob?.digest));
  const isFree = ({ digest }: BlobRecord): boolean => !blobsInUse.has(digest) && !store.pins.has(digest);
  return gone.flatMap(({ chain, blob }) => [
    store.folders.layer(chain),
    ...(blob !== undefined && isFree(blob) ? [store.folders.blob(blob.digest)] : []),
  ]);
}

function dropRows(store: ImageStore): LayerRecord[] {
  const { records, usage, pins } = store;
  const images = records.images();
  const unused = images.filter(
    ({ id, hidden }) => hidden === true && usage.containersOfImage(id, { runningOnly: false }).length === 0,
  );
  for (const { id } of unused) records.deleteImage(id);
  const kept = images.filter((image) => !unused.includes(image));
  const needed = new Set([...kept.flatMap(({ chains }) => chains), ...records.cachedChains()]);
  const gone = records.layers().filter(({ chain }) => !needed.has(chain) && !pins.has(chain));
  for (const { chain } of gone) records.deleteLayer(chain);
  dropSources(
    store,
    gone.map(({ diffId }) => diffId),
  );
  return gone;
}

/** Things without a row in a folder of digests. */
async function strangersIn(folder: string, kept: ReadonlySet<string>): Promise<string[]> {
  const names = await readdir(folder);
  return names.filter((name) => !kept.has(name)).map((name) => join(folder, name));
}

/** Moves things out of the way, so that new ones of the same name never meet half-removed ones; gives where they are. */
async function moveAway(store: ImageStore, paths: readonly string[]): Promise<string[]> {
  const away: string[] = [];
  for (const path of paths) {
    const target = join(store.folders.work, `gone-${randomBytes(8).toString('hex')}`);
    if (await moved(path, target)) away.push(target);
  }
  return away;
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
