// A text that is equal for equal values, whatever their places.
import type { Tree } from '../tree.ts';

/** The value of a tree as text; maps with sorted keys. */
export function treeKey(tree: Tree): string {
  if (tree.kind === 'scalar')
    return `${tree.type === 'float' ? 'integer' : tree.type}:${JSON.stringify(String(tree.value))}`;
  if (tree.kind === 'list') return `[${tree.items.map(treeKey).join(',')}]`;
  const parts = [...tree.entries].map(([key, entry]) => `${JSON.stringify(key)}:${treeKey(entry.value)}`);
  return `{${parts.sort().join(',')}}`;
}
