// Finds what a command is about: the files, the folder, the variables and, as far as they tell, the name.
// Reads environment files only; compose files are found, not opened.
import { statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Env } from '../../base/env.ts';
import { GantryError } from '../../base/error.ts';
import type { Variables } from '../interpolate/known.ts';
import type { FindOptions, FoundProject } from '../load-types.ts';
import type { Problems } from '../problems.ts';
import { absolutePath, mergeEnvFiles } from './env-files.ts';
import { checkName } from './project-name.ts';

/** The names searched for, best first. */
export const DEFAULT_FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'];

/** Names read on top of a file that was searched for, best first. */
export const OVERRIDE_FILES = [
  'compose.override.yml',
  'compose.override.yaml',
  'docker-compose.override.yml',
  'docker-compose.override.yaml',
];

/** What was found, without the diagnostics. */
export type Discovery = Omit<FoundProject, 'diagnostics'>;

/** Looks for a project. No file is not an error here: `files` is empty then. */
export async function discover(options: FindOptions, problems: Problems): Promise<Discovery> {
  const { cwd, env } = options;
  const given = (options.files ?? []).map((file) => (file === '-' ? file : absoluteFile(file, options)));
  const directory = options.projectDirectory;
  const fixed = directory === undefined ? undefined : absolutePath(directory, cwd, env);
  const named = given.length > 0 ? given : filesOf(env, options);
  const near = named.length > 0 ? named : searchFiles(fixed ?? cwd);
  const nearDir = fixed ?? folderOf(near) ?? cwd;
  const first = await environmentOf(nearDir, { env, places: new Map() }, { ...options, problems });
  // a COMPOSE_FILE of that folder's .env takes the place of the files that were found there
  const later = named.length > 0 ? named : filesOf(first.env, options);
  const files = later.length > 0 ? later : near;
  if (later.length === 0) warnOthers(near, problems);
  const workingDir = fixed ?? folderOf(files) ?? cwd;
  const second = await environmentOf(workingDir, first, { ...options, problems });
  const name = nameOf(options.projectName, second.env);
  const envFiles = [...new Set([...first.files, ...second.files])];
  const { env: environment, places } = second;
  return { workingDir, files, envFiles, environment, places, ...(name !== undefined && { name }) };
}

/** The name that the folder gives, before normalisation. */
export const folderName = (workingDir: string): string => basename(workingDir);

function nameOf(flag: string | undefined, environment: Env): string | undefined {
  if (flag !== undefined && flag !== '') return checkName(flag, '--project-name');
  const variable = environment['COMPOSE_PROJECT_NAME'];
  return variable === undefined || variable === '' ? undefined : checkName(variable, 'COMPOSE_PROJECT_NAME');
}

function folderOf(files: readonly string[]): string | undefined {
  const file = files.find((one) => one !== '-');
  return file === undefined ? undefined : dirname(file);
}

function filesOf(environment: Env, options: FindOptions): string[] {
  const list = environment['COMPOSE_FILE'];
  if (list === undefined || list === '') return [];
  const separator = environment['COMPOSE_PATH_SEPARATOR'];
  const names = list.split(separator === undefined || separator === '' ? ':' : separator);
  return names.map((file) => (file === '-' ? file : absoluteFile(file, options)));
}

const REMOTE = /^(?:oci:\/\/|git@|https?:\/\/|ssh:\/\/|git:\/\/|github\.com\/)/;

function absoluteFile(file: string, { cwd, env }: FindOptions): string {
  if (!REMOTE.test(file)) return absolutePath(file, cwd, env);
  const hint = 'download it and name the local file';
  throw new GantryError('compose/invalid-file', `${file}: compose files on other machines cannot be read`, { hint });
}

interface EnvironmentOptions extends FindOptions {
  readonly problems: Problems;
}

async function environmentOf(
  folder: string,
  known: Variables,
  options: EnvironmentOptions,
): Promise<Variables & { readonly files: readonly string[] }> {
  const { problems, signal } = options;
  const named = namedEnvFiles(options);
  if (named.length > 0) {
    const files = named.map((file) => absolutePath(file, options.cwd, options.env));
    return { ...(await mergeEnvFiles({ files, required: true, known, problems, signal })), files };
  }
  const file = join(folder, '.env');
  if (isEnvFileOff(known.env) || !isFile(file)) return { ...known, files: [] };
  return { ...(await mergeEnvFiles({ files: [file], required: false, known, problems, signal })), files: [file] };
}

function namedEnvFiles({ envFiles, env }: FindOptions): readonly string[] {
  if (envFiles && envFiles.length > 0) return envFiles;
  const variable = env['COMPOSE_ENV_FILES'];
  return variable === undefined || variable === '' ? [] : variable.split(',');
}

function isEnvFileOff(env: Env): boolean {
  const value = env['COMPOSE_DISABLE_ENV_FILE'];
  if (value === undefined || /^(?:0|f|F|false|False|FALSE)$/.test(value)) return false;
  if (/^(?:1|t|T|true|True|TRUE)$/.test(value)) return true;
  const message = `COMPOSE_DISABLE_ENV_FILE is "${value}"`;
  throw new GantryError('usage/invalid-flag', message, { hint: 'set it to true or false' });
}

/** Looks in the folder and then its parents; beside the file, for one override file. */
function searchFiles(start: string): string[] {
  for (let folder = start; ; folder = dirname(folder)) {
    const [main] = existing(folder, DEFAULT_FILES);
    if (main !== undefined) return [main, ...existing(folder, OVERRIDE_FILES).slice(0, 1)];
    if (dirname(folder) === folder) return [];
  }
}

/** Warns of files beside those that were found, which a search might have found as well. */
function warnOthers(found: readonly string[], problems: Problems): void {
  const [main] = found;
  if (main === undefined) return;
  warnSeveral('compose files', existing(dirname(main), DEFAULT_FILES), problems);
  warnSeveral('override files', existing(dirname(main), OVERRIDE_FILES), problems);
}

function warnSeveral(what: string, [used = '', ...others]: readonly string[], problems: Problems): void {
  if (others.length === 0) return;
  const left = others.map((file) => basename(file)).join(', ');
  const hint = 'remove the others, or name with -f what is meant';
  problems.warn('compose/several-files', `several ${what} found: using ${used}, not ${left}`, undefined, { hint });
}

function existing(folder: string, names: readonly string[]): string[] {
  return names.map((name) => join(folder, name)).filter((path) => kindOf(path) !== undefined);
}

const isFile = (path: string): boolean => ['file', 'other'].includes(kindOf(path) ?? '');

function kindOf(path: string): 'file' | 'directory' | 'other' | undefined {
  try {
    const info = statSync(path, { throwIfNoEntry: false });
    if (!info) return undefined;
    return info.isDirectory() ? 'directory' : info.isFile() ? 'file' : 'other';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR' || code === 'EACCES' || code === 'ELOOP') return undefined;
    throw error;
  }
}
