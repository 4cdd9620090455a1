// Gives a layer back as the very tar it came as: made again from its recipe and files, or the archive that was kept.
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { decompressed } from '../decompress.ts';
import type { LayerStore } from './layers.ts';
import type { LayerRecord } from './records.ts';

/** Name of a recipe in a layer's folder. */
export const RECIPE_FILE = 'recipe.zst';

/**
 * The plain tar of a layer, bytes hashing to its diff id, as a stream that holds little of it at once. The caller holds
 * the layer. Ends with an error when the files were changed behind the engine's back.
 */
export async function* layerTar(
  store: LayerStore,
  layer: LayerRecord,
  { signal }: { readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  const { folders } = store;
  if (layer.blob !== undefined) {
    const file = createReadStream(folders.blob(layer.blob.digest), { highWaterMark: 256 * 1024, signal });
    yield* decompressed(file, layer.blob.compression, { signal });
    return;
  }
  const recipe = createZstdDecompress();
  // the reader of `recipe` hears of every failure
  pipeline(createReadStream(join(folders.layer(layer.chain), RECIPE_FILE)), recipe).catch(() => undefined);
  yield* store.fs.pack({ root: folders.diff(layer.chain), recipe, signal });
}

/** Bytes of a layer's plain tar. */
export async function layerTarSize(
  store: LayerStore,
  layer: LayerRecord,
  options: { readonly signal: AbortSignal },
): Promise<number> {
  if (layer.tarSize !== undefined) return layer.tarSize;
  let size = 0;
  for await (const chunk of layerTar(store, layer, options)) size += chunk.length;
  return size;
}
