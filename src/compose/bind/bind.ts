// Turns a checked tree into the plain data of the Project, leaf by leaf as the attribute table says.
import { pickShape, type Shape } from '../attributes/shape.ts';
import type { ScalarTree, Tree } from '../tree.ts';
import { readScalar } from './scalar.ts';

/** Plain data. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** The data of a tree. Values under unknown keys (`x-…`) are kept as YAML gave them. */
export function bindTree(tree: Tree, shape: Shape): Plain {
  const picked = pickShape(shape, tree) ?? { kind: 'any' };
  if (tree.kind === 'scalar') return bindScalar(tree, picked);
  if (tree.kind === 'list') {
    const item: Shape = picked.kind === 'list' ? picked.item : { kind: 'any' };
    return tree.items.map((one) => bindTree(one, item));
  }
  const entries = [...tree.entries].map(([key, { value }]): [string, Plain] => [
    key,
    bindTree(value, childShape(picked, key)),
  ]);
  return Object.fromEntries(picked.kind === 'object' ? inOrder(entries, Object.keys(picked.fields)) : entries);
}

function childShape(shape: Shape, key: string): Shape {
  if (shape.kind === 'object' && Object.hasOwn(shape.fields, key)) return shape.fields[key] ?? { kind: 'any' };
  return shape.kind === 'dict' ? shape.value : { kind: 'any' };
}

function bindScalar(tree: ScalarTree, shape: Shape): Plain {
  const read = readScalar(tree, shape.kind === 'scalar' ? shape.as : 'any');
  return 'problem' in read ? String(tree.value) : read.value;
}

/** Known keys first, in the order of the table. */
function inOrder(entries: readonly [string, Plain][], order: readonly string[]): [string, Plain][] {
  const rank = new Map(order.map((key, index) => [key, index]));
  const rankOf = (key: string): number => rank.get(key) ?? order.length;
  return [...entries].sort(([a], [b]) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1));
}
