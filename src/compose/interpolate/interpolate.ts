// Fills variables into every value of a tree; never into keys, never into YAML structure.
import type { Problems } from '../problems.ts';
import type { Origin } from '../source.ts';
import { mapValues, type ScalarTree, type Tree } from '../tree.ts';
import { fillTemplate, TemplateError, type Lookup } from './template.ts';

/** The tree with its variables filled in. What is wrong with an expression is reported. */
export function interpolateTree(tree: Tree, lookup: Lookup, problems: Problems): Tree {
  if (tree.kind === 'map') return mapValues(tree, (value) => interpolateTree(value, lookup, problems));
  if (tree.kind === 'list') {
    const items = tree.items.map((item) => interpolateTree(item, lookup, problems));
    return items.every((item, index) => item === tree.items[index]) ? tree : { ...tree, items };
  }
  return tree.type === 'string' ? interpolateScalar(tree, lookup, problems) : tree;
}

function interpolateScalar(scalar: ScalarTree, lookup: Lookup, problems: Problems): ScalarTree {
  const template = String(scalar.value);
  if (!template.includes('$')) return scalar;
  try {
    const { value, unset } = fillTemplate(template, lookup);
    return { ...scalar, value, ...(unset.length > 0 && { unset }) };
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    const origin = placeOf(template, error, scalar.origin);
    const hint =
      error.kind === 'syntax' ? 'to write a literal $, double it: $$' : 'set it in the environment or in .env';
    problems.error('compose/interpolation', error.message, origin, { hint });
    return scalar;
  }
}

/** The expression inside the scalar when its text stands in the source as it is, else the whole scalar. */
function placeOf(template: string, error: TemplateError, origin: Origin): Origin {
  const at = origin.source.text.indexOf(template, origin.start);
  if (at < 0 || at >= origin.end) return origin;
  const start = error.kind === 'syntax' ? at + error.index : at;
  return { ...origin, start, end: Math.min(origin.end, at + template.length) };
}
