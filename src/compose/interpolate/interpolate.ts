// Fills variables into every value of a tree; never into keys, never into YAML structure.
import { didYouMean } from '../../base/did-you-mean.ts';
import type { Problems } from '../problems.ts';
import type { Origin } from '../source.ts';
import { mapValues, type ScalarTree, type Tree } from '../tree.ts';
import { usedVariables, type Variables } from './known.ts';
import { fillTemplate, TemplateError, type Fault } from './template.ts';

/** The tree with its variables filled in. What is wrong with an expression is reported. */
export function interpolateTree(tree: Tree, known: Variables, problems: Problems): Tree {
  if (tree.kind === 'map') return mapValues(tree, (value) => interpolateTree(value, known, problems));
  if (tree.kind === 'list') {
    const items = tree.items.map((item) => interpolateTree(item, known, problems));
    return items.every((item, index) => item === tree.items[index]) ? tree : { ...tree, items };
  }
  return tree.type === 'string' ? interpolateScalar(tree, known, problems) : tree;
}

function interpolateScalar(scalar: ScalarTree, known: Variables, problems: Problems): ScalarTree {
  const template = String(scalar.value);
  if (!template.includes('$')) return scalar;
  try {
    const { value, unset, used } = fillTemplate(template, (name) => known.env[name]);
    const origin = used.length === 0 ? scalar.origin : { ...scalar.origin, filled: usedVariables(used, known) };
    return { ...scalar, value, origin, ...(unset.length > 0 && { unset }) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const origin = placeOf(template, error.fault, scalar.origin);
    problems.error('compose/interpolation', error.message, origin, { hint: hintOf(error.fault, known) });
    return scalar;
  }
}

/** The expression inside the scalar when its text stands in the source as it is, else the whole scalar. */
function placeOf(template: string, { index, length }: Fault, origin: Origin): Origin {
  const at = origin.source.text.indexOf(template, origin.start);
  if (at < 0 || at >= origin.end) return origin;
  return { ...origin, start: at + index, end: Math.min(origin.end, at + index + length) };
}

function hintOf({ hint, name }: Fault, { env }: Variables): string {
  const meant = name === undefined ? undefined : didYouMean(name, Object.keys(env));
  return meant === undefined ? hint : `${hint}; ${meant}`;
}
