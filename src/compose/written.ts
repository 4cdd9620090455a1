// Takes a merged tree apart again, along one path: the values that were written there, the lowest first, and the lines
// that brought each of them. Changes nothing.
import { isSamePlace, type Passage } from './source.ts';
import { get, type Tree } from './tree.ts';

/** A value as one place wrote it. */
export interface WrittenSource {
  readonly tree: Tree;
  /** The innermost first. */
  readonly passages: readonly Passage[];
}

/** What a tree was made of, as far as it tells itself. */
export function sourcesOf(tree: Tree): readonly WrittenSource[] {
  const { layers, below, origin } = tree;
  if (layers) {
    const later = passagesAfter(tree, layers[1]);
    return layers.flatMap(sourcesOf).map((one) => ({ ...one, passages: [...one.passages, ...later] }));
  }
  const own = { tree, passages: origin.through ?? [] };
  return below ? [...sourcesOf(below), own] : [own];
}

/** A tree may have been brought on as a whole after it was merged: by an include, or by a further extends. */
function passagesAfter(merged: Tree, top: Tree): readonly Passage[] {
  const known = new Set(top.origin.through);
  return (merged.origin.through ?? []).filter((passage) => !known.has(passage));
}

/** The sources of what stands under a key: its own, brought on by what brought those above, and what lost its place. */
export function sourcesAt(above: readonly WrittenSource[], key: string, value: Tree): readonly WrittenSource[] {
  const earlier = above.flatMap(({ tree, passages }) =>
    childrenAt(tree, key, value).flatMap((child) =>
      sourcesOf(child).map((one) => ({ ...one, passages: [...one.passages, ...passages], outer: passages, child })),
    ),
  );
  const whole = earlier.findLast(({ child }) => isSamePlace(child.origin, value.origin));
  const own = sourcesOf(value).map((one) => {
    const known = earlier.findLast(({ tree }) => isSamePlace(tree.origin, one.tree.origin));
    return { ...one, passages: [...one.passages, ...((known ?? whole)?.outer ?? [])] };
  });
  const lost = earlier.filter(({ tree }) => !own.some((one) => isSamePlace(one.tree.origin, tree.origin)));
  return [...lost.map(({ tree, passages }) => ({ tree, passages })), ...own];
}

/** Lists grow when files are merged: the item is the one with the same place. */
function childrenAt(tree: Tree, key: string, value: Tree): readonly Tree[] {
  if (tree.kind === 'list') return tree.items.filter((item) => isSamePlace(item.origin, value.origin)).slice(0, 1);
  const child = get(tree, key);
  return child ? [child] : [];
}
