// Layers that have their place but no row yet: a build syncs once at its end, not after every step, and a row may only
// name what is on the disk. A crash before that leaves folders without a row, which the sweep at start removes.
import { rename } from 'node:fs/promises';
import type { LayerRecord } from './records.ts';
import type { DraftLayer } from './snapshot.ts';
import type { ImageStore } from './store.ts';

/** Puts a draft into its place, or finds that the layer is there; either way its chain is pinned for the caller. */
export async function publishDraft(store: ImageStore, { folder, layer }: DraftLayer): Promise<LayerRecord> {
  return await store.lock.run(layer.chain, async () => {
    const known = store.records.layer(layer.chain) ?? store.pending.get(layer.chain);
    store.pins.add(layer.chain);
    try {
      if (known === undefined) await takePlace(store, { folder, layer });
      else await store.fs.remove([folder], {});
      return known ?? layer;
    } catch (error) {
      store.pins.drop(layer.chain);
      throw error;
    }
  });
}

async function takePlace(store: ImageStore, { folder, layer }: DraftLayer): Promise<void> {
  const home = store.folders.layer(layer.chain);
  // a folder of the same name without a row is a leftover
  await store.fs.remove([home], {});
  await rename(folder, home);
  store.pending.set(layer.chain, layer);
}

/** Forgets pending layers that nobody holds: what made them failed before their rows were written. Gives them. */
export function dropPending({ pending, pins }: ImageStore): LayerRecord[] {
  const gone = [...pending.values()].filter(({ chain }) => !pins.has(chain));
  for (const { chain } of gone) pending.delete(chain);
  return gone;
}

/** Writes the rows of pending layers, with what else belongs to them, once they are on the disk. Pins stay. */
export async function commitPending<T>(store: ImageStore, chains: readonly string[], also: () => T): Promise<T> {
  const layers = chains.flatMap((chain) => store.pending.get(chain) ?? []);
  if (layers.length > 0) await store.fs.sync(store.folders.layers);
  return store.records.transaction(() => {
    for (const layer of layers) store.records.putLayer(layer);
    const result = also();
    for (const { chain } of layers) store.pending.delete(chain);
    return result;
  });
}
