// How much the build cache may hold: layers that no image has, up to a bound; what was used longest ago goes first.
import { sweep } from '../images/sweep.ts';
import type { BuildDeps } from './types.ts';

/** Bytes of files in layers that only the cache holds. */
const MAX_CACHE_BYTES = 10 * 1024 ** 3;
/** Remembered steps. */
const MAX_CACHE_STEPS = 5000;

/** Forgets what is beyond the bound; the layers go with the next sweep. */
export function trimCache({ cache, store }: Pick<BuildDeps, 'cache' | 'store'>): void {
  const rows = cache.rows();
  const imageChains = new Set(store.records.images().flatMap(({ chains }) => chains));
  const size = (chain: string): number => (imageChains.has(chain) ? 0 : (store.records.layer(chain)?.size ?? 0));
  const kept = new Set<string>();
  let bytes = 0;
  const gone: string[] = [];
  for (const { key, chains } of [...rows].reverse()) {
    const added = chains.filter((chain) => !kept.has(chain));
    const more = added.reduce((sum, chain) => sum + size(chain), 0);
    if (bytes + more > MAX_CACHE_BYTES) {
      gone.push(key);
      continue;
    }
    bytes += more;
    for (const chain of added) kept.add(chain);
  }
  const beyond = rows.slice(0, Math.max(0, rows.length - MAX_CACHE_STEPS)).map(({ key }) => key);
  cache.remove([...gone, ...beyond]);
}

/** Empties the cache; gives the keys that went and the bytes of layers that were freed. */
export async function pruneCache({
  cache,
  store,
}: Pick<BuildDeps, 'cache' | 'store'>): Promise<{ readonly CachesDeleted: string[]; readonly SpaceReclaimed: number }> {
  const keys = cache.rows().map(({ key }) => key);
  cache.remove(keys);
  const gone = await sweep(store);
  return { CachesDeleted: keys, SpaceReclaimed: gone.reduce((sum, { size }) => sum + size, 0) };
}
