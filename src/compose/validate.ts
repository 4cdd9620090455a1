// Checks a merged tree against the attribute table: unknown keys, wrong kinds, missing keys, words and ranges.
// Reports everything it finds; what values of different places mean together is checked later (consistency.ts).
import { describeShape, describeTree } from './attributes/describe.ts';
import {
  pickShape,
  type DictShape,
  type ListShape,
  type ObjectShape,
  type ScalarShape,
  type Shape,
} from './attributes/shape.ts';
import { readScalar } from './bind/scalar.ts';
import { treeKey } from './canonical/tree-key.ts';
import { kindHint, missingKeyHint, unknownKeyHint, wordHint } from './hints.ts';
import type { ProblemExtra, Problems } from './problems.ts';
import { leftoverOf } from './yaml/leftovers.ts';
import { isNull, type Entry, type ListTree, type MapTree, type ScalarTree, type Tree } from './tree.ts';

/** Checks `tree` at `path` (dotted, for messages). `strings` true: variables are not filled in, so any text passes. */
export interface ValidateContext {
  readonly problems: Problems;
  readonly uninterpolated: boolean;
}

/** Reports every place where a tree does not fit its shape. */
export function validateTree(tree: Tree, shape: Shape, path: string, context: ValidateContext): void {
  if (tree.kind === 'scalar' && tree.broken === true) return;
  const picked = pickShape(shape, tree);
  if (!picked) {
    const message = `${path === '' ? 'the file' : path} must be ${describeShape(shape)}, not ${describeTree(tree)}`;
    context.problems.error('compose/wrong-type', message, tree.origin, hinted(kindHint(tree, shape, path)));
    return;
  }
  if (picked.kind === 'object' && tree.kind === 'map') validateObject(tree, picked, path, context);
  if (picked.kind === 'dict' && tree.kind === 'map') validateDict(tree, picked, path, context);
  if (picked.kind === 'list' && tree.kind === 'list') validateList(tree, picked, path, context);
  if (picked.kind === 'scalar' && tree.kind === 'scalar') validateScalar(tree, picked, path, context);
}

const below = (path: string, key: string | number): string => (path === '' ? String(key) : `${path}.${key}`);

const hinted = (hint: string | undefined): ProblemExtra => (hint === undefined ? {} : { hint });

/** A wrong value may have taken the place of a right one. */
function extraOf({ layers }: ScalarTree, { hint }: Wrong): ProblemExtra {
  const related = layers && [{ message: 'in place of this value', origin: layers[0].origin }];
  return { ...hinted(hint), ...(related && { related }) };
}

function validateObject(tree: MapTree, shape: ObjectShape, path: string, context: ValidateContext): void {
  for (const [key, entry] of tree.entries) {
    const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
    if (field) validateTree(placed(entry), field, below(path, key), context);
    else if (!(key.startsWith('x-') && shape.extensions !== false) && !shape.open) {
      const message = `${path === '' ? 'the file' : path} has no attribute "${key}"`;
      const hint = unknownKeyHint(key, entry.value, shape, path);
      context.problems.error('compose/unknown-attribute', message, entry.key, hinted(hint));
    }
  }
  for (const key of shape.required ?? [])
    if (!tree.entries.has(key))
      context.problems.error('compose/missing-attribute', `${path} needs the attribute "${key}"`, tree.origin, {
        hint: missingKeyHint(key, shape, path),
      });
}

/** An empty value has no place of its own: it is shown at its key. */
const placed = ({ key, value }: Entry): Tree => (isNull(value) ? { ...value, origin: key } : value);

function validateDict(tree: MapTree, shape: DictShape, path: string, context: ValidateContext): void {
  for (const [key, entry] of tree.entries) {
    if (shape.keys && !shape.keys.test(key)) {
      const hint = 'letters, digits, ".", "_" and "-" are allowed';
      context.problems.error('compose/invalid-name', `${path}: "${key}" is not a valid name`, entry.key, { hint });
    }
    validateTree(placed(entry), shape.value, below(path, key), context);
  }
}

function validateList(tree: ListTree, shape: ListShape, path: string, context: ValidateContext): void {
  const seen = new Map<string, Tree>();
  tree.items.forEach((item, index) => {
    validateTree(item, shape.item, below(path, index), context);
    if (shape.unique !== true) return;
    const key = treeKey(item);
    const first = seen.get(key);
    if (first) {
      const related = [{ message: 'first listed here', origin: first.origin }];
      context.problems.error('compose/duplicate-item', `${path} lists the same item twice`, item.origin, {
        related,
        hint: 'take one of them out',
      });
    } else seen.set(key, item);
  });
}

function validateScalar(tree: ScalarTree, shape: ScalarShape, path: string, context: ValidateContext): void {
  if (context.uninterpolated && typeof tree.value === 'string' && tree.value.includes('$')) return;
  const read = readScalar(tree, shape.as);
  const wrong = 'problem' in read ? read : (checkWord(tree, shape) ?? checkRange(tree, read.value, shape));
  if (wrong)
    context.problems.error('compose/invalid-value', `${path} ${wrong.problem}`, tree.origin, extraOf(tree, wrong));
  if ('warning' in read)
    context.problems.warn('compose/yaml-1.1', `${path}: ${read.warning}`, tree.origin, hinted(read.hint));
  const leftover = shape.as === 'mode' ? undefined : leftoverOf(tree);
  if (leftover) context.problems.warn('compose/yaml-1.1', leftover.message, tree.origin, { hint: leftover.hint });
}

interface Wrong {
  readonly problem: string;
  readonly hint?: string | undefined;
}

function checkWord(tree: ScalarTree, shape: ScalarShape): Wrong | undefined {
  const { oneOf, pattern } = shape;
  const value = String(tree.value);
  if (pattern && !pattern.regex.test(value))
    return { problem: `must be ${pattern.sample}, not "${value}"`, hint: wordHint(value, shape) };
  if (!oneOf || oneOf.includes(value)) return undefined;
  return { problem: `must be one of ${oneOf.join(', ')}, not "${value}"`, hint: wordHint(value, shape) };
}

/** Text that holds a number is only kept from being negative: the specification lets the rest through. */
function checkRange(tree: ScalarTree, value: unknown, { min, max }: ScalarShape): Wrong | undefined {
  if (typeof value !== 'number') return undefined;
  const isText = tree.type === 'string';
  if (min !== undefined && value < min && (min === 0 || !isText)) return { problem: `must be at least ${min}` };
  return !isText && max !== undefined && value > max ? { problem: `must be at most ${max}` } : undefined;
}
