// Obeys `!reset` and `!override`: the marked path is taken out of what was merged so far.
import { get, mapValues, update, type Tree } from '../tree.ts';

/** A base without the marked paths, and the override without its marks and resets. */
export interface Unmarked {
  readonly base: Tree;
  readonly over: Tree;
}

/** Applies the marks of `over` to `base`. */
export function applyMarks(base: Tree, over: Tree): Unmarked {
  if (!hasMarks(over)) return { base, over };
  const paths: string[][] = [];
  collect(over, [], paths);
  const cleared = paths.reduce(
    (tree, path) => (path.length === 0 ? { ...tree } : update(tree, path, () => undefined)),
    base,
  );
  return { base: cleared, over: strip(over, base) };
}

/** The tree without values marked `!reset` and without marks; `base` is what it is laid over. */
export function strip(tree: Tree, base?: Tree): Tree {
  const bare = unmarked(tree, base);
  if (bare.kind === 'map')
    return mapValues(bare, (value, key) => (value.mark === 'reset' ? undefined : strip(value, get(base, key))));
  if (bare.kind !== 'list') return bare;
  return { ...bare, items: bare.items.filter((item) => item.mark !== 'reset').map((item) => strip(item)) };
}

/** A value that takes the place of another whole one remembers it. */
function unmarked(tree: Tree, base: Tree | undefined): Tree {
  if (!tree.mark) return tree;
  const { mark: _, ...bare } = tree;
  return { ...bare, ...(base && { below: base }) };
}

function hasMarks(tree: Tree): boolean {
  if (tree.mark) return true;
  if (tree.kind === 'list') return tree.items.some(hasMarks);
  if (tree.kind === 'map') for (const { value } of tree.entries.values()) if (hasMarks(value)) return true;
  return false;
}

function collect(tree: Tree, path: string[], paths: string[][]): void {
  if (tree.mark) paths.push(path);
  if (tree.kind === 'map') for (const [key, { value }] of tree.entries) collect(value, [...path, key], paths);
}
