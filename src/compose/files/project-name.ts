// The name of a project: what is allowed, and how any text becomes it.
import { GantryError } from '../../base/error.ts';

/** Lower case, only letters, digits, `_` and `-`, beginning with a letter or digit. May come out empty. */
export function normalizeName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^-_a-z0-9]/g, '')
    .replace(/^[-_]+/, '');
}

/** Refuses a name given on the command line or in COMPOSE_PROJECT_NAME that is not normalised. */
export function checkName(name: string, from: string): string {
  if (/^[a-z0-9][-_a-z0-9]*$/.test(name)) return name;
  const better = normalizeName(name);
  throw new GantryError(
    'compose/invalid-project-name',
    `${from}: "${name}" is no project name: it may hold lower case letters, digits, - and _ and begins with a letter or digit`,
    better === '' ? {} : { hint: `use "${better}"` },
  );
}
