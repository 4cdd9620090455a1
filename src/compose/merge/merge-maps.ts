// Merging of mappings, shared by the plain rule and the exceptions.
import type { Entry, MapTree, Tree } from '../tree.ts';

/** Merges two values at a path by the rules. */
export type Merge = (base: Tree, over: Tree, path: readonly string[]) => Tree;

/** Keys of both; where a key is in both, its values are merged, except `x-` keys, which are replaced. */
export function mergeMaps(base: MapTree, over: MapTree, path: readonly string[], merge: Merge): MapTree {
  const entries = new Map<string, Entry>(base.entries);
  for (const [key, entry] of over.entries) {
    const below = entries.get(key);
    const merged = below && !key.startsWith('x-');
    entries.set(key, merged ? { key: entry.key, value: merge(below.value, entry.value, [...path, key]) } : entry);
  }
  return { ...over, entries, layers: [base, over] };
}
