// All checks across the elements of a model, in one go.
import { checkCycles } from '../graph.ts';
import { entriesOf, get, type Tree } from '../tree.ts';
import { checkConflicts } from './conflicts.ts';
import { checkNames } from './names.ts';
import type { CheckContext } from './context.ts';
import { checkReferences } from './references.ts';

/** Reports what does not fit together among the enabled services. */
export function checkModel(context: CheckContext): void {
  for (const [name, { key, value }] of entriesOf(get(context.model, 'services'))) {
    if (value.kind !== 'map') continue;
    checkConflicts(value, name, { ...context, key });
    checkReferences(value, name, context);
  }
  checkNames(context.model, context.problems);
  checkCycles(context.model, context.problems);
}

/** Reports names that the services of a selection use and that are not in it; the rest of them was checked before. */
export function checkSelected(context: CheckContext): void {
  for (const [name, { value }] of entriesOf(get(context.model, 'services')))
    if (value.kind === 'map') checkReferences(value, name, context);
}

/** True for a model in which there is nothing at all, as docker compose counts: a name is something. */
export function isEmptyModel(model: Tree): boolean {
  return [...entriesOf(model)].every(([key]) => key === 'include' || key === 'version');
}
