// Lays one tree over another, both in long form: mappings merge, lists append, scalars are replaced; exceptions are
// in merge-rules.ts. Every value keeps the place it came from.
import type { Problems } from '../problems.ts';
import { isNull, type Tree } from '../tree.ts';
import { mergeMaps, type Merge } from './merge-maps.ts';
import { mergeRule } from './merge-rules.ts';
import { fromText } from './one-text.ts';

/** `given` laid over `base`. Values of different kinds are reported. */
export function mergeTrees(base: Tree, given: Tree, path: readonly string[], problems: Problems): Tree {
  const over = fromText(base, given, path, problems);
  const merge: Merge = (below, above, keys) => mergeTrees(below, above, keys, problems);
  const rule = mergeRule(path);
  if (rule) return layered(rule(base, over, path, merge), base, over);
  if (isNull(over)) return base;
  if (base.kind === 'map' && over.kind === 'map') return mergeMaps(base, over, path, merge);
  if (base.kind === 'list' && over.kind === 'list')
    return { ...over, items: [...base.items, ...over.items], layers: [base, over] };
  if (base.kind !== 'scalar' && base.kind !== over.kind) reportKinds(base, over, path, problems);
  return layered(over, base, over);
}

/** The result knows what it was made of. */
const layered = (result: Tree, base: Tree, over: Tree): Tree =>
  result === base || result.layers?.[1] === over ? result : { ...result, layers: [base, over] };

function reportKinds(base: Tree, over: Tree, path: readonly string[], problems: Problems): void {
  const words = { map: 'a mapping', list: 'a list', scalar: 'a value' };
  const message = `${path.join('.')} is ${words[base.kind]} below and cannot be overridden by ${words[over.kind]}`;
  const related = [{ message: 'the value below', origin: base.origin }];
  problems.error('compose/cannot-override', message, over.origin, { related, hint: 'use !override to replace it' });
}
