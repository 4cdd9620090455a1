// Says once for each attribute that a file uses it though it is not applied. Knows no rule but those of support.ts.
import { LIMITS, type Limit } from '../attributes/support.ts';
import type { Problems } from '../problems.ts';
import type { Origin } from '../source.ts';
import { isNull, type Tree } from '../tree.ts';

/** Warns at the first use of each attribute that is ignored. */
export function warnUnapplied(model: Tree, problems: Problems): void {
  const uses = new Map<Limit, Use[]>();
  collect(model, limitTree(), { path: [], key: model.origin }, uses);
  for (const [limit, [first, ...others]] of uses) {
    if (!first) continue;
    const more =
      others.length === 0 ? '' : ` (also in ${others.length} other ${others.length === 1 ? 'place' : 'places'})`;
    problems.warn('compose/not-applied', `${first.path.join('.')} is not applied: ${limit.why}${more}`, first.key);
  }
}

interface Use {
  readonly path: readonly string[];
  readonly key: Origin;
}

interface Branch {
  readonly next: Map<string, Branch>;
  limit?: Limit;
}

/** The paths of the table as a tree, so that a model is walked once and only where it leads to a limit. */
function limitTree(): Branch {
  const root: Branch = { next: new Map() };
  for (const [path, limit] of Object.entries(LIMITS)) {
    if (limit.as !== 'ignored' || limit.told) continue;
    let branch = root;
    for (const key of path.split('.')) {
      const next: Branch = branch.next.get(key) ?? { next: new Map() };
      branch.next.set(key, next);
      branch = next;
    }
    branch.limit = limit;
  }
  return root;
}

function collect(tree: Tree, branch: Branch, use: Use, uses: Map<Limit, Use[]>): void {
  if (branch.limit && asksSomething(tree, branch.limit) && !isFilledIn(tree, use, branch.limit))
    note(uses, branch.limit, use);
  if (branch.next.size === 0 || tree.kind === 'scalar') return;
  const any = branch.next.get('*');
  if (tree.kind === 'map')
    for (const [name, { key, value }] of tree.entries) {
      const next = branch.next.get(name) ?? any;
      if (next) collect(value, next, { path: [...use.path, name], key }, uses);
    }
  else if (any)
    tree.items.forEach((item, at) => collect(item, any, { path: [...use.path, String(at)], key: item.origin }, uses));
}

function note(uses: Map<Limit, Use[]>, limit: Limit, use: Use): void {
  const known = uses.get(limit);
  if (known) known.push(use);
  else uses.set(limit, [use]);
}

/** What the loader wrote has the place of what it was written into, for its key and its value. */
function isFilledIn(tree: Tree, { key }: Use, { filledIn }: Limit): boolean {
  return filledIn === true && tree.origin === key;
}

/** Nothing, false, and empty ask for nothing. */
function asksSomething(tree: Tree, { harmless }: Limit): boolean {
  if (isNull(tree)) return false;
  if (tree.kind === 'map') return tree.entries.size > 0;
  if (tree.kind === 'list') return tree.items.length > 0;
  const value = String(tree.value);
  return tree.value !== false && value !== '' && !(harmless?.includes(value) ?? false);
}
