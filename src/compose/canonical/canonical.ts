// Brings every value of a tree into its long form, parts first, as the attribute table says.
import { pickShape, type Report, type Shape } from '../attributes/shape.ts';
import type { Problems } from '../problems.ts';
import { mapValues, type Tree } from '../tree.ts';

/** The tree in long form. Values that do not fit their shape are left for the validation to report. */
export function canonicalTree(tree: Tree, shape: Shape, path: string, problems: Problems): Tree {
  const picked = pickShape(shape, tree);
  if (!picked) return tree;
  const parts = canonicalParts(tree, picked, path, problems);
  const own = picked.canon && picked !== shape ? applyCanon(parts, picked, path, problems) : parts;
  return shape.canon ? applyCanon(own, shape, path, problems) : own;
}

function applyCanon(tree: Tree, shape: Shape, path: string, problems: Problems): Tree {
  const report: Report = (message, origin, hint) =>
    problems.error('compose/invalid-value', `${path}: ${message}`, origin, hint === undefined ? {} : { hint });
  if (!shape.canon) return tree;
  const long = shape.canon(tree, report);
  if (long === tree || (!tree.mark && !tree.below)) return long;
  return { ...long, ...(tree.mark && { mark: tree.mark }), ...(tree.below && { below: tree.below }) };
}

function canonicalParts(tree: Tree, shape: Shape, path: string, problems: Problems): Tree {
  if (tree.kind === 'map' && shape.kind === 'object')
    return mapValues(tree, (value, key) => {
      const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
      return field ? canonicalTree(value, field, below(path, key), problems) : value;
    });
  if (tree.kind === 'map' && shape.kind === 'dict')
    return mapValues(tree, (value, key) => canonicalTree(value, shape.value, below(path, key), problems));
  if (tree.kind === 'list' && shape.kind === 'list') {
    const items = tree.items.map((item, index) => canonicalTree(item, shape.item, below(path, index), problems));
    return { ...tree, items };
  }
  return tree;
}

const below = (path: string, key: string | number): string => (path === '' ? String(key) : `${path}.${key}`);
