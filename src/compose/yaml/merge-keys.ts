// The YAML merge key: `<<: *base` or `<<: [*a, *b]`. Own keys win, then earlier sources; shallow.
import type { Problems } from '../problems.ts';
import { passed, type Origin } from '../source.ts';
import type { Entry, Tree } from '../tree.ts';

/** Adds the keys of a merge value that are not there yet. */
export function mergeEntries(entries: Map<string, Entry>, merge: Tree, problems: Problems): void {
  const sources = merge.kind === 'list' ? merge.items : [merge];
  for (const source of sources) {
    if (source.kind !== 'map') {
      const hint = 'write "<<: *NAME", where "&NAME" stands before a mapping';
      const message = 'a merge key takes a mapping or a list of mappings';
      if (source.kind === 'list' || source.broken !== true)
        problems.error('compose/yaml-syntax', message, source.origin, { hint });
      continue;
    }
    const at = source.origin.through?.at(-1)?.origin ?? source.origin;
    for (const [key, entry] of source.entries) entries.set(key, joined(entries.get(key), entry, at));
  }
}

/** The own value stands, and knows what it took the place of. */
function joined(own: Entry | undefined, { key, value }: Entry, at: Origin): Entry {
  const merged = { ...value, origin: passed(value.origin, 'merge key', at) };
  return own ? { key: own.key, value: { ...own.value, below: lowest(own.value, merged) } } : { key, value: merged };
}

/** Under all that it took the place of already. */
const lowest = ({ below }: Tree, merged: Tree): Tree => (below ? { ...below, below: lowest(below, merged) } : merged);
