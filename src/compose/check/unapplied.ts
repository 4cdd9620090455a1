// Says once for each attribute that a file uses it though it is not applied. Knows no rule but those of support.ts.
import { LIMITS, type Limit } from '../attributes/support.ts';
import type { Problems } from '../problems.ts';
import type { Origin } from '../source.ts';
import { isNull, type Tree } from '../tree.ts';

interface Use {
  readonly path: string;
  readonly key: Origin;
}

/** Warns at the first use of each attribute that is ignored. */
export function warnUnapplied(model: Tree, problems: Problems): void {
  for (const [path, limit] of Object.entries(LIMITS)) {
    if (limit.as !== 'ignored' || limit.told) continue;
    const uses: Use[] = [];
    collect(model, path.split('.'), { limit, uses, path: '', key: model.origin });
    const [first, ...others] = uses;
    if (!first) continue;
    const more =
      others.length === 0 ? '' : ` (also in ${others.length} other ${others.length === 1 ? 'place' : 'places'})`;
    problems.warn('compose/not-applied', `${first.path} is not applied: ${limit.why}${more}`, first.key);
  }
}

interface Step extends Use {
  readonly limit: Limit;
  readonly uses: Use[];
}

function collect(tree: Tree, keys: readonly string[], step: Step): void {
  const [key, ...rest] = keys;
  if (key === undefined) {
    if (asksSomething(tree, step.limit)) step.uses.push({ path: step.path, key: step.key });
    return;
  }
  const below = (name: string): string => (step.path === '' ? name : `${step.path}.${name}`);
  if (tree.kind === 'list' && key === '*')
    tree.items.forEach((item, at) => collect(item, rest, { ...step, path: below(String(at)), key: item.origin }));
  if (tree.kind !== 'map') return;
  const entry = tree.entries.get(key);
  const found = key === '*' ? [...tree.entries] : entry ? ([[key, entry]] as const) : [];
  for (const [name, at] of found) collect(at.value, rest, { ...step, path: below(name), key: at.key });
}

/** Nothing, false, and empty ask for nothing. */
function asksSomething(tree: Tree, { harmless }: Limit): boolean {
  if (isNull(tree)) return false;
  if (tree.kind === 'map') return tree.entries.size > 0;
  if (tree.kind === 'list') return tree.items.length > 0;
  const value = String(tree.value);
  return tree.value !== false && value !== '' && !(harmless?.includes(value) ?? false);
}
