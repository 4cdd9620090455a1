// Reads `.env` and the files of `--env-file` into one set of variables.
import { resolve } from 'node:path';
import type { Env } from '../../base/env.ts';
import { isGantryError } from '../../base/error.ts';
import { parseEnvFile, type Stretch } from '../dotenv/parse.ts';
import { parseRawEnv } from '../dotenv/raw.ts';
import type { Variables } from '../interpolate/known.ts';
import type { Lookup } from '../interpolate/template.ts';
import { throwProblems } from '../failure.ts';
import { createProblems, type Problems } from '../problems.ts';
import type { Origin } from '../source.ts';
import { readSource } from './read-source.ts';

/** Where variables come from. */
export interface EnvFileOptions {
  /** Paths, already absolute; a later file wins. */
  readonly files: readonly string[];
  /** False for the default `.env`, which need not exist. */
  readonly required: boolean;
  /** Wins over the files, also inside their values. */
  readonly known: Variables;
  readonly problems: Problems;
  readonly signal: AbortSignal | undefined;
}

/** The variables of the files under those that are known, which win. */
export async function mergeEnvFiles({ known, ...options }: EnvFileOptions): Promise<Variables> {
  const values = new Map<string, string>();
  const places = new Map<string, Origin>();
  const lookup: Lookup = (name) => known.env[name] ?? values.get(name);
  for (const file of options.files) {
    const content = await readEnvFile(file, lookup, options);
    for (const [name, value] of content?.values ?? []) values.set(name, value);
    for (const [name, origin] of content?.places ?? []) places.set(name, origin);
    refuseNameless(content, options.problems);
    for (const { name, origin } of content?.unset ?? []) warnUnset(options.problems, name, origin);
  }
  for (const name of places.keys()) if (known.env[name] !== undefined) places.delete(name);
  for (const [name, origin] of known.places) places.set(name, origin);
  return { env: { ...Object.fromEntries(values), ...known.env }, places };
}

/** No process can have such a variable. */
function refuseNameless(content: EnvFile | undefined, problems: Problems): void {
  const origin = content?.places.get('');
  if (origin && content?.values.has('') === true)
    problems.error('compose/env-file', 'a variable has no name', origin, { hint: 'write NAME=value' });
}

/** The variables of files that a command line names, a later file winning. Throws all that is wrong in them. */
export async function readVariables(
  files: readonly string[],
  { env, signal }: { readonly env: Env; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, string>> {
  const problems = createProblems();
  const values = new Map<string, string>();
  const lookup: Lookup = (name) => env[name] ?? values.get(name);
  for (const file of files) {
    const content = await readEnvFile(file, lookup, { required: true, problems, signal });
    for (const [name, value] of content?.values ?? []) values.set(name, value);
  }
  throwProblems(problems);
  return values;
}

/** The variables of one file with the place of each. */
export interface EnvFile {
  readonly values: ReadonlyMap<string, string>;
  readonly places: ReadonlyMap<string, Origin>;
  /** Used inside values, but set nowhere. */
  readonly unset: readonly { readonly name: string; readonly origin: Origin }[];
}

/** How one file is read. */
export interface ReadEnvOptions {
  readonly required: boolean;
  readonly problems: Problems;
  readonly signal?: AbortSignal | undefined;
  /** No quotes and no variables. */
  readonly raw?: boolean;
}

/** Reads one file; undefined when it may be missing and is. What is wrong in it is reported; an unreadable one throws. */
export async function readEnvFile(file: string, lookup: Lookup, options: ReadEnvOptions): Promise<EnvFile | undefined> {
  try {
    const source = await readSource(file, options.signal);
    const parse = options.raw === true ? parseRawEnv : parseEnvFile;
    const { values, places, unset, problems } = parse(source.text, lookup);
    const at = ({ start, end }: Stretch): Origin => ({ source, start, end });
    for (const one of problems)
      options.problems.error(
        'compose/env-file',
        one.message,
        at(one),
        one.hint === undefined ? {} : { hint: one.hint },
      );
    return {
      values,
      places: new Map([...places].map(([name, place]) => [name, at(place)])),
      unset: unset.map((one) => ({ name: one.name, origin: at(one) })),
    };
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

function warnUnset(problems: Problems, name: string, origin: Origin): void {
  const hint = `set it above this line, or give it a default: \${${name}:-value}`;
  problems.warn('compose/unset-variable', `the variable "${name}" is not set; it counts as empty`, origin, { hint });
}
