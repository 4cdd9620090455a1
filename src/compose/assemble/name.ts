// The name that the files themselves give: the last `name:` that is written.
import type { Env } from '../../base/env.ts';
import { normalizeName } from '../files/project-name.ts';
import { fillTemplate, TemplateError } from '../interpolate/template.ts';
import { get, stringOf, type Tree } from '../tree.ts';

/** The name, normalised; empty when its variables have no value, undefined when no document gives one. A bad variable expression is left to the interpolation. */
export function nameInFiles(documents: readonly Tree[], env: Env | undefined): string | undefined {
  const written = documents.map((document) => stringOf(get(document, 'name')) ?? '').filter((name) => name !== '');
  const last = written.at(-1);
  const name = last === undefined || !env ? last : filled(last, env);
  return name === undefined ? undefined : normalizeName(name);
}

function filled(template: string, env: Env): string | undefined {
  try {
    return fillTemplate(template, (name) => env[name]).value;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return undefined;
  }
}
