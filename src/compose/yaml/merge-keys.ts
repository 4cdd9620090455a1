// The YAML merge key: `<<: *base` or `<<: [*a, *b]`. Own keys win, then earlier sources; shallow.
import type { Problems } from '../problems.ts';
import type { Entry, Tree } from '../tree.ts';

/** Adds the keys of a merge value that are not there yet. */
export function mergeEntries(entries: Map<string, Entry>, merge: Tree, problems: Problems): void {
  const sources = merge.kind === 'list' ? merge.items : [merge];
  for (const source of sources) {
    if (source.kind !== 'map') {
      problems.error('compose/yaml-syntax', 'a merge key takes a mapping or a list of mappings', source.origin);
      continue;
    }
    for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry);
  }
}
