// The output of `config --no-interpolate`: the model as it is written, all keys sorted, values as YAML gave them.
import { plainValue } from '../bind/scalar.ts';
import type { Tree } from '../tree.ts';
import { writeJson } from './json.ts';
import { compareNames } from './natural.ts';
import type { PrintFormat } from './outline.ts';
import type { Printed } from './printed.ts';
import { writeYaml } from './yaml.ts';

/** The text of a model and its name; YAML ends with a newline, JSON does not. */
export function printModel(model: Tree, name: string, format: PrintFormat): string {
  const printed = new Map<string, Printed>(model.kind === 'map' ? fields(model, format) : []).set('name', name);
  const sorted = sort([...printed], format);
  return format === 'json' ? writeJson(sorted) : writeYaml(sorted);
}

function printedTree(tree: Tree, format: PrintFormat): Printed {
  if (tree.kind === 'map') return sort(fields(tree, format), format);
  if (tree.kind === 'list') return tree.items.map((item) => printedTree(item, format));
  return plainValue(tree);
}

type Fields = readonly (readonly [string, Printed])[];

const fields = (tree: Tree & { readonly kind: 'map' }, format: PrintFormat): Fields =>
  [...tree.entries].map(([key, { value }]) => [key, printedTree(value, format)] as const);

const sort = (entries: Fields, format: PrintFormat): ReadonlyMap<string, Printed> =>
  new Map([...entries].sort(([a], [b]) => (format === 'json' ? (a < b ? -1 : 1) : compareNames(a, b))));
