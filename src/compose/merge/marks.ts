// Obeys `!reset` and `!override`: the marked path is taken out of what was merged so far.
import { mapValues, update, type Tree } from '../tree.ts';

/** A base without the marked paths, and the override without its marks and resets. */
export interface Unmarked {
  readonly base: Tree;
  readonly over: Tree;
}

/** Applies the marks of `over` to `base`. */
export function applyMarks(base: Tree, over: Tree): Unmarked {
  const paths: string[][] = [];
  collect(over, [], paths);
  const cleared = paths.reduce(
    (tree, path) => (path.length === 0 ? { ...tree } : update(tree, path, () => undefined)),
    base,
  );
  return { base: cleared, over: strip(over) };
}

/** The tree without values marked `!reset` and without marks. */
export function strip(tree: Tree): Tree {
  const bare = unmarked(tree);
  if (bare.kind === 'map') return mapValues(bare, (value) => (value.mark === 'reset' ? undefined : strip(value)));
  if (bare.kind !== 'list') return bare;
  return { ...bare, items: bare.items.filter((item) => item.mark !== 'reset').map(strip) };
}

function unmarked(tree: Tree): Tree {
  const { mark, ...bare } = tree;
  return mark ? bare : tree;
}

function collect(tree: Tree, path: string[], paths: string[][]): void {
  if (tree.mark) paths.push(path);
  if (tree.kind === 'map') for (const [key, { value }] of tree.entries) collect(value, [...path, key], paths);
}
