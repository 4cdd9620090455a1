// Variables and labels from flags and files.
import { readFile } from 'node:fs/promises';
import type { Env } from '../../base/env.ts';
import { GantryError, messageOf } from '../../base/error.ts';

/** `--env-file` lines, then `--env`; a name alone takes its value from `env`, and is left out when that has none. */
export async function variablesOf(
  values: readonly string[],
  files: readonly string[],
  env: Env,
): Promise<readonly string[]> {
  const lines = (await Promise.all(files.map(linesOf))).flat();
  return [...lines.map((line) => line.replace(/^\s+/, '')), ...values].flatMap((text) => {
    const [name = ''] = text.split('=');
    if (name === '' || (text.includes('=') ? false : /\s/.test(name)))
      throw new GantryError('usage/invalid-flag', `invalid environment variable: ${text}`);
    if (text.includes('=')) return [text];
    const value = env[name];
    return value === undefined ? [] : [`${name}=${value}`];
  });
}

/** Lines of label files, then the flags. */
export async function labelTexts(values: readonly string[], files: readonly string[]): Promise<readonly string[]> {
  return [...(await Promise.all(files.map(linesOf))).flat(), ...values];
}

/** Lines that are neither empty nor comments. */
async function linesOf(path: string): Promise<readonly string[]> {
  try {
    const text = await readFile(path, 'utf8');
    return text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
  } catch (cause) {
    throw new GantryError('usage/invalid-flag', `cannot read ${path}: ${messageOf(cause)}`, { cause });
  }
}
