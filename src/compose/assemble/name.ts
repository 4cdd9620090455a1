// The name that the files themselves give: the last `name:` that is not empty.
import type { Env } from '../../base/env.ts';
import { normalizeName } from '../files/project-name.ts';
import { fillTemplate, TemplateError } from '../interpolate/template.ts';
import { get, stringOf, type Tree } from '../tree.ts';

/** The name, normalised; empty when its variables have no value, undefined when no document gives one. A bad variable expression is left to the interpolation. */
export function nameInFiles(documents: readonly Tree[], env: Env): string | undefined {
  let name: string | undefined;
  for (const document of documents) {
    const written = stringOf(get(document, 'name')) ?? '';
    const found = written === '' ? undefined : filled(written, env);
    if (found !== undefined) name = normalizeName(found);
  }
  return name;
}

function filled(template: string, env: Env): string | undefined {
  try {
    return fillTemplate(template, (name) => env[name]).value;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return undefined;
  }
}
