// Words for shapes and values in messages: "a string or a list".
import type { Tree } from '../tree.ts';
import type { LeafType, Shape } from './shape.ts';

/** What a shape asks for: "a number or a string". */
export function describeShape(shape: Shape): string {
  const words = [...new Set(wordsOf(shape))];
  const last = words.pop() ?? 'a value';
  return words.length === 0 ? last : `${words.join(', ')} or ${last}`;
}

/** What a value is: "a list". */
export function describeTree(tree: Tree): string {
  if (tree.kind !== 'scalar') return tree.kind === 'map' ? 'a mapping' : 'a list';
  if (tree.type === 'null') return 'empty';
  if (tree.type === 'float') return 'a fraction';
  return tree.type === 'timestamp' ? 'a date' : (SCALARS[tree.type] ?? 'a value');
}

const SCALARS: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'a number',
  float: 'a number',
  boolean: 'a boolean',
  null: 'empty',
};

/** Values that are more than a kind of YAML. */
const LEAVES: Readonly<Partial<Record<LeafType, string>>> = {
  duration: 'a duration',
  bytes: 'a size',
  boolean: 'true or false',
  integer: 'a whole number',
  whole: 'a whole number',
  number: 'a number',
  mode: 'a mode',
};

function wordsOf(shape: Shape): string[] {
  if (shape.kind === 'union') return shape.options.flatMap(wordsOf);
  if (shape.kind === 'scalar') {
    const known = LEAVES[shape.as];
    if (known !== undefined) return [known];
    return shape.accepts.filter((type) => type !== 'timestamp').map((type) => SCALARS[type] ?? 'a value');
  }
  return [shape.kind === 'list' ? 'a list' : shape.kind === 'any' ? 'anything' : 'a mapping'];
}
