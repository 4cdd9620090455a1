// The name that the files themselves give: the last `name:` that is not empty.
import type { Env } from '../../base/env.ts';
import { normalizeName } from '../files/project-name.ts';
import { fillTemplate, TemplateError } from '../interpolate/template.ts';
import { get, stringOf, type Tree } from '../tree.ts';

/** The name, normalised; undefined when no document gives one. A bad variable expression is left to the interpolation. */
export function nameInFiles(documents: readonly Tree[], env: Env): string | undefined {
  let name: string | undefined;
  for (const document of documents) {
    const found = filled(stringOf(get(document, 'name')) ?? '', env);
    if (found !== '') name = normalizeName(found);
  }
  return name;
}

function filled(template: string, env: Env): string {
  try {
    return fillTemplate(template, (name) => env[name]).value;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return '';
  }
}
