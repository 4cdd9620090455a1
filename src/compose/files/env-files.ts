// Reads `.env` and the files of `--env-file` into one set of variables.
import { resolve } from 'node:path';
import type { Env } from '../../base/env.ts';
import { GantryError, isGantryError } from '../../base/error.ts';
import { parseEnvFile, type EnvFileContent } from '../dotenv/parse.ts';
import type { Lookup } from '../interpolate/template.ts';
import type { Problems } from '../problems.ts';
import { readSource } from './read-source.ts';

/** Where variables come from. */
export interface EnvFileOptions {
  /** Paths, already absolute; a later file wins. */
  readonly files: readonly string[];
  /** False for the default `.env`, which need not exist. */
  readonly required: boolean;
  /** Wins over the files, also inside their values. */
  readonly environment: Env;
  readonly problems: Problems;
  readonly signal: AbortSignal | undefined;
}

/** The variables of the files under `environment`, which wins. */
export async function mergeEnvFiles(options: EnvFileOptions): Promise<Env> {
  const values = new Map<string, string>();
  const lookup: Lookup = (name) => options.environment[name] ?? values.get(name);
  for (const file of options.files) {
    const content = await readEnvFile(file, lookup, options);
    for (const [name, value] of content?.values ?? []) values.set(name, value);
    for (const name of content?.unset ?? []) warnUnset(options.problems, name, file);
  }
  return { ...Object.fromEntries(values), ...options.environment };
}

/** Reads one file; undefined when it may be missing and is. Throws compose/invalid-file with the line. */
export async function readEnvFile(
  file: string,
  lookup: Lookup,
  options: { readonly required: boolean; readonly signal?: AbortSignal | undefined },
): Promise<EnvFileContent | undefined> {
  try {
    const source = await readSource(file, options.signal);
    const content = parseEnvFile(source.text, lookup);
    const problem = content.problems[0];
    if (problem) throw new GantryError('compose/invalid-file', `${file}:${problem.line}: ${problem.message}`);
    return content;
  } catch (error) {
    if (!options.required && isGantryError(error, 'compose/file-not-found')) return undefined;
    throw error;
  }
}

/** `~` and relative paths of the command line, made absolute. */
export function absolutePath(path: string, base: string, env: Env): string {
  if (path === '~' || path.startsWith('~/')) return resolve(env['HOME'] ?? '/', path.slice(2));
  return resolve(base, path);
}

function warnUnset(problems: Problems, name: string, file: string): void {
  problems.warn('compose/unset-variable', `the variable "${name}" is not set; it counts as empty (used in ${file})`);
}
