// POST /images/load: an archive of images becomes images. Everything is checked against the digests it is known by before
// it can be seen, and an image appears whole or not at all.
import { availableParallelism } from 'node:os';
import { GantryError } from '../../../base/error.ts';
import { Semaphore } from '../../../base/semaphore.ts';
import { addReceived, putImage, type HeldLayer } from '../add-layer.ts';
import { chainIds, digestOf, parseImageConfig } from '../config.ts';
import type { Platform } from '../platform.ts';
import { canonicalName, familiarName } from '../reference.ts';
import type { ImageStore } from '../store.ts';
import { emitImage } from '../tag.ts';
import type { ArchiveImage } from './archive-image.ts';
import { dockerArchive } from './docker-archive.ts';
import { legacyArchive } from './legacy-archive.ts';
import { ociLayout } from './oci-layout.ts';
import { spoolArchive, type Spool } from './spool.ts';

/** An archive, and who is told of it. */
export interface LoadRequest {
  readonly body: AsyncIterable<Uint8Array>;
  /** Which image of an index is wanted; this machine's when undefined. */
  readonly platform: Platform | undefined;
  /** Told what was loaded, in Docker's words, a line each. */
  readonly say: (line: string) => void;
  /** Told how much of a layer's archive was unpacked; of one that is here already nothing is told. */
  readonly progress: (layer: LayerProgress) => void;
}

/** How far a layer is. */
export interface LayerProgress {
  readonly diffId: string;
  readonly current: number;
  readonly total: number;
}

/** Loads all images of an archive. Throws engine/bad-parameter; images that stood before a bad one stay. */
export async function loadImages(
  store: ImageStore,
  request: LoadRequest,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  await using spool = await spoolArchive(store, request.body, options);
  const places = new Semaphore(Math.min(availableParallelism(), 4));
  for (const image of await imagesIn(spool, request.platform, options)) {
    await loadImage(store, { spool, image, request, places }, options);
  }
}

async function imagesIn(
  spool: Spool,
  platform: Platform | undefined,
  options: { readonly signal: AbortSignal },
): Promise<ArchiveImage[]> {
  if (spool.has('manifest.json')) return await dockerArchive(spool);
  if (spool.has('index.json')) return await ociLayout(spool, platform);
  if (spool.has('repositories')) return await legacyArchive(spool, options);
  throw new GantryError(
    'engine/bad-parameter',
    'this is no archive of images: it has neither manifest.json nor index.json nor repositories',
    { hint: 'an archive of a file system becomes an image by: docker import FILE NAME' },
  );
}

interface Job {
  readonly spool: Spool;
  readonly image: ArchiveImage;
  readonly request: LoadRequest;
  /** How many layers are unpacked at once. */
  readonly places: Semaphore;
}

async function loadImage(store: ImageStore, job: Job, { signal }: { signal: AbortSignal }): Promise<void> {
  const { image, places } = job;
  const diffIds = parseImageConfig(image.configText).rootfs.diff_ids;
  if (diffIds.length !== image.layers.length) {
    throw new GantryError(
      'engine/bad-parameter',
      `invalid manifest, layers length mismatch: expected ${diffIds.length}, got ${image.layers.length}`,
    );
  }
  const chains = chainIds(diffIds);
  // one that fails ends the others
  const failed = new AbortController();
  const any = AbortSignal.any([signal, failed.signal]);
  using holds = new DisposableStack();
  const layers = image.layers.map(async (name, index) => {
    const layer = { name, diffId: diffIds[index] ?? '', below: chains[index - 1] };
    holds.use(await places.use(async () => await loadLayer(store, { ...job, ...layer }, any)));
  });
  for (const layer of layers) layer.catch((error: unknown) => failed.abort(error));
  const done = await Promise.allSettled(layers);
  signal.throwIfAborted();
  if (done.some(({ status }) => status === 'rejected')) throw failed.signal.reason;
  publish(store, job.request, image);
}

interface LayerJob extends Job {
  readonly name: string;
  readonly diffId: string;
  readonly below: string | undefined;
}

async function loadLayer(store: ImageStore, job: LayerJob, signal: AbortSignal): Promise<HeldLayer> {
  signal.throwIfAborted();
  const { spool, request, name, diffId, below } = job;
  const blob = await spool.copy(name);
  const tell = (current: number): void => request.progress({ diffId, current, total: blob.size });
  const held = await addReceived(store, { blob, below, diffId, onUnpacked: tell }, { signal });
  if (!held.known) tell(blob.size);
  return held;
}

/** Puts the image and its names in and says so. An image that loses a name that way is told of, as Docker does. */
function publish(store: ImageStore, { say }: LoadRequest, { configText, refs }: ArchiveImage): void {
  const id = digestOf(configText);
  for (const ref of refs) {
    const before = store.records.tagged(canonicalName(ref));
    if (before !== undefined && before !== id) {
      say(`The image ${familiarName(ref)} already exists, renaming the old one with ID ${before} to empty string`);
    }
  }
  const image = putImage(store, { configText, refs });
  for (const ref of refs) say(`Loaded image: ${familiarName(ref)}`);
  if (refs.length === 0) say(`Loaded image ID: ${id}`);
  emitImage(store, 'load', image, id);
}
