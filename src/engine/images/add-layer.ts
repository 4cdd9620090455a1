// The one way in for a layer that comes from outside (registry, archive): received, its digests checked, unpacked once.
// Knows neither where the bytes come from nor what image they are for.
import { GantryError, invariant } from '../../base/error.ts';
import { receiveBlob, type ReceivedBlob } from './blobs.ts';
import { chainIds, parseImageConfig, digestOf } from './config.ts';
import { dropReceived, installLayer } from './layers.ts';
import { digestsOf, type ImageRecord, type LayerRecord } from './records.ts';
import { canonicalName, type ImageReference } from './reference.ts';
import { ZERO_TIME, type ImageStore } from './store.ts';

/** A layer and what is known of it beforehand. */
export interface LayerSource {
  /**
   * Opens the tar, plain or compressed with gzip or zstd. Called at most once, and not at all when the layer is here
   * already, so that parallel pulls of one layer fetch it once.
   */
  readonly open: () => AsyncIterable<Uint8Array> | Promise<AsyncIterable<Uint8Array>>;
  /** Chain id of the layer below, which need not be here yet; none for the lowest. */
  readonly below?: string | undefined;
  /** What the bytes must hash to as they come, `sha256:…`. */
  readonly digest?: string | undefined;
  /** What the plain tar must hash to; without it, a layer that is here already is found only after unpacking. */
  readonly diffId?: string | undefined;
  /** Called once all bytes are here and their digest is right. */
  readonly onReceived?: () => void;
  /** Called with the bytes of the received archive that were unpacked so far. Plain tars tell nothing. */
  readonly onUnpacked?: (bytes: number) => void;
}

/** A layer that no sweep removes until this is disposed of: put the image into the database first. */
export interface HeldLayer extends Disposable {
  readonly layer: LayerRecord;
  /** True when it was here before. */
  readonly known: boolean;
}

/** Holds a layer that is here already. */
export function holdLayer(store: ImageStore, chain: string): HeldLayer | undefined {
  const layer = store.records.layer(chain);
  if (layer === undefined) return undefined;
  store.pins.add(...digestsOf(layer));
  return held(store, layer, true);
}

/**
 * Makes a layer of an archive, or finds that it is here. May run for any number of layers at once, of one image or of
 * several. Throws engine/bad-parameter when the bytes are not what `digest` and `diffId` say, or when the archive is
 * refused; nothing stays behind then.
 */
export async function addLayer(
  store: ImageStore,
  source: LayerSource,
  options: { readonly signal: AbortSignal },
): Promise<HeldLayer> {
  if (source.diffId === undefined) return await receiveLayer(store, source, options);
  const chain = source.below === undefined ? source.diffId : digestOf(`${source.below} ${source.diffId}`);
  // another key than the one publishing takes: the second of two waits here, then finds the layer
  return await store.lock.run(
    `add ${chain}`,
    async () => holdLayer(store, chain) ?? (await receiveLayer(store, source, options)),
    options,
  );
}

async function receiveLayer(
  store: ImageStore,
  source: LayerSource,
  { signal }: { readonly signal: AbortSignal },
): Promise<HeldLayer> {
  signal.throwIfAborted();
  const blob = await receiveBlob(store.folders, await source.open(), { signal });
  try {
    checkDigest(source.digest, blob.digest);
    source.onReceived?.();
    return await unpackReceived(store, { ...source, blob }, { signal });
  } finally {
    await dropReceived(blob);
  }
}

/** A layer whose archive lies in the work folder already. */
export interface ReceivedLayer extends Pick<LayerSource, 'below' | 'diffId' | 'onUnpacked'> {
  /** Its file goes away, whether this succeeds or not. */
  readonly blob: ReceivedBlob;
}

/** The same as `addLayer` for an archive that was received before. */
export async function addReceived(
  store: ImageStore,
  received: ReceivedLayer,
  { signal }: { readonly signal: AbortSignal },
): Promise<HeldLayer> {
  const { blob, below, diffId } = received;
  try {
    const chain = below === undefined || diffId === undefined ? diffId : digestOf(`${below} ${diffId}`);
    if (chain === undefined) return await unpackReceived(store, received, { signal });
    return await store.lock.run(
      `add ${chain}`,
      async () => holdLayer(store, chain) ?? (await unpackReceived(store, received, { signal })),
      { signal },
    );
  } finally {
    await dropReceived(blob);
  }
}

async function unpackReceived(
  store: ImageStore,
  { blob, below, diffId, onUnpacked }: ReceivedLayer,
  { signal }: { readonly signal: AbortSignal },
): Promise<HeldLayer> {
  const layer = await installLayer(store, blob, {
    signal,
    ...(below === undefined ? {} : { below }),
    ...(diffId === undefined ? {} : { diffId }),
    ...(onUnpacked === undefined ? {} : { onUnpacked }),
  });
  return held(store, layer, false);
}

function checkDigest(expected: string | undefined, found: string): void {
  if (expected === undefined || expected === found) return;
  throw new GantryError('engine/bad-parameter', `a layer came damaged: its digest is ${found}, expected ${expected}`, {
    hint: 'try again; if it stays so, the image itself is broken',
  });
}

function held(store: ImageStore, layer: LayerRecord, known: boolean): HeldLayer {
  let isHeld = true;
  return {
    layer,
    known,
    [Symbol.dispose]: () => {
      if (isHeld) store.pins.drop(...digestsOf(layer));
      isHeld = false;
    },
  };
}

/** An image whose layers are here and held. */
export interface NewImage {
  /** The configuration, byte for byte: its hash becomes the image's id. */
  readonly configText: string;
  /** Names it gets; images that had them lose them. No events are told: each way in has its own. */
  readonly refs?: readonly ImageReference[];
  /** Id of the image it was made of here. */
  readonly parent?: string;
}

/** Puts an image of layers that are here into the database, in one step. Throws engine/bad-parameter for a bad configuration. */
export function putImage(store: ImageStore, image: NewImage): ImageRecord {
  return store.records.transaction(() => writeImage(store, image));
}

/** The same within a transaction of the caller's. */
export function writeImage(store: ImageStore, { configText, refs = [], ...made }: NewImage): ImageRecord {
  const config = parseImageConfig(configText);
  const id = digestOf(configText);
  const chains = chainIds(config.rootfs.diff_ids);
  const now = new Date().toISOString();
  for (const chain of chains) invariant(store.records.layer(chain) !== undefined, 'an image is put after its layers');
  const known = store.records.image(id);
  const parent = made.parent ?? known?.parent;
  const image = {
    ...{ id, configText, addedAt: known?.addedAt ?? now, chains },
    taggedAt: refs.length > 0 ? now : (known?.taggedAt ?? ZERO_TIME),
    ...(parent === undefined ? {} : { parent }),
  };
  store.records.putImage(image);
  for (const ref of refs) store.records.putTag(canonicalName(ref), id);
  return image;
}
