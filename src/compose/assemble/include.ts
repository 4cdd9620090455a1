// `include`: other projects read into this one, each from its own directory with its own variables.
import { dirname, join, relative, resolve } from 'node:path';
import { didYouMean } from '../../base/did-you-mean.ts';
import { isGantryError } from '../../base/error.ts';
import { INCLUDES } from '../attributes/file.ts';
import { mergeEnvFiles } from '../files/env-files.ts';
import type { Variables } from '../interpolate/known.ts';
import { mergeTrees } from '../merge/merge.ts';
import { setDefaults } from '../normalize/defaults.ts';
import { resolveServiceVariables } from '../normalize/environment.ts';
import { resolvePaths } from '../normalize/paths.ts';
import { passed, type Origin } from '../source.ts';
import {
  entriesOf,
  get,
  isNull,
  itemsOf,
  mapOf,
  stringOf,
  withKey,
  type Entry,
  type MapTree,
  type Tree,
} from '../tree.ts';
import { validateTree } from '../validate.ts';
import type { AssembleContext } from './context.ts';

/** Reads files with a context of their own. */
export type LoadIncluded = (files: readonly string[], context: AssembleContext) => Promise<MapTree>;

/** The document laid over all that it includes. */
export async function applyIncludes(document: MapTree, context: AssembleContext, load: LoadIncluded): Promise<MapTree> {
  const list = get(document, 'include');
  const includes = itemsOf(list);
  if (list && isNull(list)) return withKey(document, 'include', undefined);
  if (list)
    validateTree(list, INCLUDES, 'include', { problems: context.problems, uninterpolated: !context.interpolate });
  for (const entry of includes) warnUnknown(entry, context);
  if (includes.length === 0) return document;
  let imported: Tree | undefined;
  for (const entry of includes) {
    const model = await loadEntry(entry, context, load);
    // of two imports of one name the earlier wins
    if (model) imported = imported ? mergeTrees(model, imported, [], context.problems) : model;
  }
  const own = withKey(document, 'include', undefined);
  const merged = imported ? mergeTrees(imported, own, [], context.problems) : own;
  return merged.kind === 'map' ? merged : own;
}

async function loadEntry(entry: Tree, context: AssembleContext, load: LoadIncluded): Promise<Tree | undefined> {
  const files = itemsOf(get(entry, 'path')).map((path) => resolve(context.dir, stringOf(path) ?? ''));
  const [first] = files;
  if (first === undefined || reportCycle(first, entry, context) || isSpent(entry, context)) return undefined;
  try {
    const project = stringOf(get(entry, 'project_directory')) ?? '';
    const dir = project === '' ? dirname(first) : resolve(context.dir, project);
    const { env, places } = await includedVariables(entry, dir, context);
    const model = await load(files, { ...context, dir, env, places, including: [...context.including, first] });
    // what the main project would fill in from its own directory and variables is filled in here
    const complete = resolveServiceVariables(setDefaults(mapOf(imported(model), model.origin)), { env, places });
    const base = context.resolvePaths ? dir : relative(context.dir, dir);
    const placed = resolvePaths(complete, { dir: base, home: env['HOME'] });
    return { ...placed, origin: passed(placed.origin, 'include', entry.origin) };
  } catch (error) {
    if (!isGantryError(error)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    context.problems.error(error.code, error.message, namedIn(error.message, entry, context), hint);
    return undefined;
  }
}

const IMPORTED = ['services', 'networks', 'volumes', 'secrets', 'configs', 'models'];

/** What a project takes over from one that it includes. */
const imported = (model: MapTree): [string, Entry][] => [...model.entries].filter(([key]) => IMPORTED.includes(key));

/** docker compose passes over them in silence. */
function warnUnknown(entry: Tree, { problems }: AssembleContext): void {
  for (const [key, { key: origin }] of entriesOf(entry)) {
    if (INCLUDE_KEYS.includes(key) || key.startsWith('x-')) continue;
    const hint = didYouMean(key, INCLUDE_KEYS);
    const extra = hint === undefined ? {} : { hint };
    problems.warn('compose/unknown-attribute', `include has no attribute "${key}"`, origin, extra);
  }
}

const INCLUDE_KEYS = ['path', 'env_file', 'project_directory'];

/** The path that a message is about, where the entry has several. */
function namedIn(message: string, entry: Tree, { dir }: AssembleContext): Origin {
  const paths = [...itemsOf(get(entry, 'path')), ...itemsOf(get(entry, 'env_file'))];
  const found = paths.find((path) => message.startsWith(`${resolve(dir, stringOf(path) ?? '')} `));
  return (found ?? entry).origin;
}

function isSpent(entry: Tree, { budget, problems }: AssembleContext): boolean {
  if (budget.includes-- > 0) return false;
  if (budget.includes === -1)
    problems.error('compose/too-complex', 'too many includes, counting those of included files', entry.origin, {
      hint: 'a file that is included twice by each of many files is read very often: include it once',
    });
  return true;
}

function reportCycle(file: string, entry: Tree, { including, problems }: AssembleContext): boolean {
  if (!including.includes(file)) return false;
  problems.error(
    'compose/include-cycle',
    `include goes in a circle: ${[...including, file].join(' -> ')}`,
    entry.origin,
    { hint: 'take one of these includes out' },
  );
  return true;
}

/** The parent's variables win over those of the included directory. */
async function includedVariables(entry: Tree, dir: string, context: AssembleContext): Promise<Variables> {
  const named = itemsOf(get(entry, 'env_file')).map((file) => stringOf(file) ?? '');
  const { problems, signal } = context;
  const files = named.filter((file) => file !== '/dev/null').map((file) => resolve(context.dir, file));
  if (named.length > 0) return await mergeEnvFiles({ files, required: true, known: context, problems, signal });
  return await mergeEnvFiles({ files: [join(dir, '.env')], required: false, known: context, problems, signal });
}
