// Unpacks blobs into layers, once per chain id: into the work folder, synced, then renamed. A crash leaves nothing
// but things in the work folder, or things without a row, which the sweep at start removes.
import { createHash, randomBytes, type Hash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { GantryError } from '../../base/error.ts';
import type { KeyedMutex } from '../../base/semaphore.ts';
import { decompressed } from '../decompress.ts';
import { keepBlob, roomBelow, type ReceivedBlob } from './blobs.ts';
import { chainIds, digestOf } from './config.ts';
import type { ImageFolders } from './folders.ts';
import type { GantryFs } from '../gantry-fs.ts';
import { RECIPE_FILE } from './layer-tar.ts';
import type { Pins } from '../pins.ts';
import { digestsOf, type ImageRecords, type LayerRecord } from './records.ts';

/** What the layers stand on. */
export interface LayerStore {
  readonly folders: ImageFolders;
  readonly records: ImageRecords;
  readonly fs: GantryFs;
  readonly pins: Pins;
  /** By chain id: one layer is published at a time. */
  readonly lock: KeyedMutex;
  /** Layers in their place whose rows are still to be written, by chain id (see pending.ts). */
  readonly pending: Map<string, LayerRecord>;
}

/** Where a layer goes. */
export interface LayerPlace {
  /** Chain id of the layer below; none for the lowest. */
  readonly below?: string;
  /** What the unpacked bytes must hash to, when it is known. */
  readonly diffId?: string;
  /** Called with the bytes of a compressed blob that were unpacked so far. */
  readonly onUnpacked?: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** What gantry-fs notes beside the contents of files; kept as RECIPE_FILE for the day the archive is asked for. */
const RECIPE = 'recipe';

/** Makes a layer of a received blob, or finds that it is there already. Its chain and blob are pinned for the caller. */
export async function installLayer(store: LayerStore, blob: ReceivedBlob, place: LayerPlace): Promise<LayerRecord> {
  if (blob.compression === 'none') {
    const known = store.records.layer(chainOf(place.below, blob.digest));
    checkDiffId(place, blob.digest);
    if (known !== undefined) return pinned(store, known);
  }
  const folder = join(store.folders.work, randomBytes(8).toString('hex'));
  try {
    return await unpackInto(store, { blob, folder }, place);
  } finally {
    // gone already when it was published
    await store.fs.remove([folder], {});
  }
}

interface Job {
  readonly blob: ReceivedBlob;
  readonly folder: string;
}

async function unpackInto(store: LayerStore, { blob, folder }: Job, place: LayerPlace): Promise<LayerRecord> {
  await mkdir(join(folder, 'diff'), { recursive: true, mode: 0o755 });
  const { diffId, size, tarSize, hasRecipe } = await unpackBlob(store, { blob, folder }, place);
  checkDiffId(place, diffId);
  if (hasRecipe) {
    // gone before the sync, so that most of it never reaches the disk
    await dropReceived(blob);
    await compressRecipe(folder);
  }
  await store.fs.sync(folder);
  const { digest, size: blobSize, compression } = blob;
  const kept = hasRecipe ? {} : { blob: { digest, size: blobSize, compression } };
  const layer = { chain: chainOf(place.below, diffId), diffId, size, tarSize, ...kept };
  return await store.lock.run(layer.chain, async () => await publish(store, { layer, blob, folder }));
}

/** Headers and padding shrink to a twentieth and less. */
async function compressRecipe(folder: string): Promise<void> {
  const plain = join(folder, RECIPE);
  await pipeline(
    createReadStream(plain),
    createZstdCompress(),
    createWriteStream(join(folder, RECIPE_FILE), { mode: 0o600 }),
  );
  await rm(plain);
}

/** The chain id of a layer on top of another. */
function chainOf(below: string | undefined, diffId: string): string {
  return below === undefined ? diffId : digestOf(`${below} ${diffId}`);
}

function pinned(store: LayerStore, layer: LayerRecord): LayerRecord {
  store.pins.add(...digestsOf(layer));
  return layer;
}

interface Finished extends Job {
  readonly layer: LayerRecord;
}

/** Puts both into place, then tells the database. A folder of the same name without a row is a leftover. */
async function publish(store: LayerStore, { layer, blob, folder }: Finished): Promise<LayerRecord> {
  const known = store.records.layer(layer.chain);
  if (known !== undefined) return pinned(store, known);
  pinned(store, layer);
  try {
    return await publishNew(store, { layer, blob, folder });
  } catch (error) {
    store.pins.drop(...digestsOf(layer));
    throw error;
  }
}

async function publishNew(store: LayerStore, { layer, blob, folder }: Finished): Promise<LayerRecord> {
  const waiting = store.pending.get(layer.chain);
  if (waiting !== undefined) return await commitWaiting(store, waiting);
  const home = store.folders.layer(layer.chain);
  await store.fs.remove([home], {});
  await rename(folder, home);
  if (layer.blob !== undefined) await keepBlob(store.folders, blob);
  store.records.transaction(() => store.records.putLayer(layer));
  return layer;
}

/** A build has made the very layer and uses it: it stays where it is. */
async function commitWaiting(store: LayerStore, layer: LayerRecord): Promise<LayerRecord> {
  await store.fs.sync(store.folders.layers);
  store.records.transaction(() => store.records.putLayer(layer));
  return layer;
}

interface UnpackedBlob {
  readonly diffId: string;
  readonly size: number;
  readonly tarSize: number;
  readonly hasRecipe: boolean;
}

async function unpackBlob(store: LayerStore, { blob, folder }: Job, place: LayerPlace): Promise<UnpackedBlob> {
  const { signal } = place;
  const root = join(folder, 'diff');
  const bounds = { root, recipe: join(folder, RECIPE), maxBytes: await roomBelow(root), signal };
  if (blob.compression === 'none') {
    await using file = await open(blob.file);
    const { bytes, hasRecipe } = await store.fs.unpack({ ...bounds, source: file.fd });
    return { diffId: blob.digest, size: bytes, tarSize: blob.size, hasRecipe };
  }
  const tally: Tally = { hash: createHash('sha256'), tarSize: 0 };
  const source = Readable.from(unzipped(blob, tally, place), { objectMode: false });
  const { bytes, hasRecipe } = await store.fs.unpack({ ...bounds, source });
  return { diffId: `sha256:${tally.hash.digest('hex')}`, size: bytes, tarSize: tally.tarSize, hasRecipe };
}

interface Tally {
  readonly hash: Hash;
  tarSize: number;
}

/** The tar within a blob, hashed as it passes. */
async function* unzipped(blob: ReceivedBlob, tally: Tally, place: LayerPlace): AsyncGenerator<Uint8Array> {
  const source = createReadStream(blob.file, { highWaterMark: 256 * 1024 });
  for await (const chunk of decompressed(source, blob.compression, place)) {
    tally.hash.update(chunk);
    tally.tarSize += chunk.length;
    yield chunk;
    place.onUnpacked?.(source.bytesRead);
  }
}

function checkDiffId(place: LayerPlace, diffId: string): void {
  if (place.diffId === undefined || place.diffId === diffId) return;
  throw new GantryError(
    'engine/bad-parameter',
    `a layer is not what its image says: ${diffId}, expected ${place.diffId}`,
  );
}

/** Folders of a stack of layers, topmost first, as overlayfs wants them. */
export function layerFolders(folders: ImageFolders, diffIds: readonly string[]): string[] {
  return chainIds(diffIds)
    .map((chain) => folders.diff(chain))
    .reverse();
}

/** Removes what a received blob left in the work folder. */
export async function dropReceived(blob: ReceivedBlob): Promise<void> {
  await rm(blob.file, { force: true });
}
