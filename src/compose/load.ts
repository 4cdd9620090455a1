// The loader, phase by phase: from files to the canonical Project, or to one error with everything that is wrong.
// It reads the named files and nothing else, and knows no engine.
import { GantryError } from '../base/error.ts';
import { assemble } from './assemble/assemble.ts';
import type { AssembleContext } from './assemble/context.ts';
import { readTrees } from './assemble/document.ts';
import { nameInFiles } from './assemble/name.ts';
import { bindProject } from './bind/project.ts';
import { checkModel, checkSelected, isEmptyModel } from './check/check.ts';
import type { CheckContext } from './check/context.ts';
import { checkResources } from './check/resources.ts';
import { throwProblems } from './failure.ts';
import { discover, folderName, type Discovery } from './files/discover.ts';
import { normalizeName } from './files/project-name.ts';
import { warnUnset } from './interpolate/unset.ts';
import type { FindOptions, FoundProject, LoadOptions, LoadResult } from './load-types.ts';
import { setDefaults } from './normalize/defaults.ts';
import { resolveBuildArguments, resolveServiceVariables } from './normalize/environment.ts';
import { normalizeModel } from './normalize/normalize.ts';
import { resolvePaths } from './normalize/paths.ts';
import { readServiceFiles } from './normalize/service-files.ts';
import { createProblems, type Problems } from './problems.ts';
import { applyProfiles, profilesOf, selectServices, type Selection } from './select/profiles.ts';
import type { Project } from './model/project.ts';
import { pruneResources } from './select/prune.ts';
import type { MapTree, Tree } from './tree.ts';

export type { FindOptions, FoundProject, LoadOptions, LoadResult } from './load-types.ts';

/** What is known of a project before its files are read: for verbs that only need a name. No file is no error here. */
export async function findProject(options: FindOptions): Promise<FoundProject> {
  const problems = createProblems();
  const found = await discover(options, problems);
  const folder = normalizeName(folderName(found.workingDir));
  const name = found.name ?? (found.files.length === 0 && folder !== '' ? folder : undefined);
  throwProblems(problems);
  return { ...found, ...(name !== undefined && { name }), diagnostics: problems.all() };
}

/** Loads a project. Throws one GantryError that carries all diagnostics when anything is wrong. */
export async function loadProject(options: LoadOptions): Promise<LoadResult> {
  const problems = createProblems();
  const found = await discover(options, problems);
  if (found.files.length === 0) throw noFile(found);
  const context = await contextOf(found, options, problems);
  const name = await projectName(found, context);
  const environment = { ...found.environment, COMPOSE_PROJECT_NAME: name };
  const merged = await assemble(found.files, { ...context, env: environment });
  if (problems.hasErrors()) await checkFurther(merged, name, { ...context, env: environment }, { ...options, found });
  throwProblems(problems);
  if (isEmptyModel(merged))
    problems.error('compose/empty-file', 'the compose files define nothing', merged.origin, {
      hint: 'add a service under "services:"',
    });
  const complete = completeModel(merged, name, { ...context, env: environment }, options);
  const chosen = chosenProfiles(options, found);
  const isChecked = options.checkConsistency !== false;
  if (isChecked) checkSelection(applyProfiles(complete, chosen), problems, checkModel);
  throwProblems(problems);
  const profiles = [...new Set([...chosen, ...profilesOf(complete, options.services ?? [])])];
  const selected = select(applyProfiles(complete, profiles), options);
  // what the profiles of the named services switch on besides is no part of it
  if (isChecked && profiles.length > chosen.length) checkSelection(selected, problems, checkSelected);
  const resolveEnvironment = options.resolveEnvironment !== false;
  const model = resolveEnvironment
    ? await readServiceFiles(selected.model, { ...context, env: environment })
    : selected.model;
  throwProblems(problems);
  warnUnset(model, environment, problems);
  if (options.tellUnapplied === true) await warnOfUnapplied(model, problems);
  const { workingDir, files, envFiles } = found;
  const { disabled } = selected;
  const on = profiles.filter((profile) => profile !== '');
  let project: Project | undefined;
  const bind = (): Project =>
    bindProject(model, { name, workingDir, files, envFiles, environment, profiles: on, disabled });
  return {
    // who only wants to know what is wrong does not pay for it
    get project() {
      return (project ??= bind());
    },
    diagnostics: problems.all(),
    model: complete,
    chosen: model,
  };
}

/** Loaded only here: most verbs make nothing. */
async function warnOfUnapplied(model: Tree, problems: Problems): Promise<void> {
  const { warnUnapplied } = await import('./check/unapplied.ts');
  const { warnOwners } = await import('./check/file-owners.ts');
  warnUnapplied(model, problems);
  warnOwners(model, problems);
}

/** One run shows all there is, unless the files could not even be read as YAML. */
async function checkFurther(
  merged: MapTree,
  name: string,
  context: AssembleContext,
  options: LoadOptions & { readonly found: Discovery },
): Promise<void> {
  const { problems } = context;
  if (problems.all().some(({ code }) => UNREADABLE.has(code))) return;
  const complete = completeModel(merged, name, context, options);
  const { model, disabled } = applyProfiles(complete, chosenProfiles(options, options.found));
  checkModel({ problems, model, disabled: treesOf({ model, disabled }), partial: true });
  if (options.resolveEnvironment !== false) await readServiceFiles(model, context);
}

const UNREADABLE = new Set([
  'compose/yaml-syntax',
  'compose/too-complex',
  'compose/file-not-found',
  'compose/unknown-service',
]);

/** A project that includes more includes itself in some way that is hard to see. */
const MAX_INCLUDES = 1000;

async function contextOf(found: Discovery, options: LoadOptions, problems: Problems): Promise<AssembleContext> {
  const stdin = found.files.includes('-') ? await options.readStdin?.() : undefined;
  return {
    dir: found.workingDir,
    env: found.environment,
    places: found.places,
    problems,
    interpolate: options.interpolate !== false,
    resolvePaths: options.resolvePaths !== false,
    stdin,
    budget: { includes: MAX_INCLUDES },
    including: found.files,
    cache: new Map(),
    signal: options.signal,
  };
}

/** Flag and variable first, then the files, then the folder. */
async function projectName(found: Discovery, context: AssembleContext): Promise<string> {
  const documents: Tree[] = [];
  for (const file of found.files) documents.push(...(await readTrees(file, context)));
  const written = nameInFiles(documents, context.interpolate ? found.environment : undefined);
  const name = found.name ?? written ?? normalizeName(folderName(found.workingDir));
  if (name !== '') return name;
  const hint = 'give one with --project-name, COMPOSE_PROJECT_NAME or "name:" in the file';
  throw new GantryError('compose/invalid-project-name', 'the project name is empty', { hint });
}

/** Defaults, rules of single elements, paths, bare names, and all that is implied. */
function completeModel(merged: Tree, name: string, context: AssembleContext, options: LoadOptions): Tree {
  const { env, dir, problems } = context;
  const defaulted = setDefaults(merged);
  checkResources(defaulted, problems);
  const located = options.resolvePaths === false ? defaulted : resolvePaths(defaulted, { dir, home: env['HOME'] });
  const resolved =
    options.resolveEnvironment === false
      ? located
      : resolveBuildArguments(resolveServiceVariables(located, context), context, options.normalize !== false);
  return options.normalize === false ? resolved : normalizeModel(resolved, name);
}

/** `--profile` replaces COMPOSE_PROFILES. */
function chosenProfiles(options: LoadOptions, found: Discovery): readonly string[] {
  const variable = found.environment['COMPOSE_PROFILES'] ?? '';
  const given = options.profiles && options.profiles.length > 0 ? options.profiles : variable.split(',');
  const chosen = [...new Set(given.map((profile) => profile.trim()))].filter((profile) => profile !== '');
  // without any profile the empty one is on, as docker compose splits an empty COMPOSE_PROFILES
  return chosen.length === 0 ? [''] : chosen;
}

function select(selection: Selection, { services = [], resources = 'selected' }: LoadOptions): Selection {
  const pruned = ({ model, disabled }: Selection): Selection => ({ model: pruneResources(model), disabled });
  const from = resources === 'enabled' ? pruned(selection) : selection;
  const selected = services.length > 0 ? selectServices(from, services) : from;
  return resources === 'selected' ? pruned(selected) : selected;
}

function checkSelection(selection: Selection, problems: Problems, check: (context: CheckContext) => void): void {
  check({ problems, model: selection.model, disabled: treesOf(selection) });
}

const treesOf = ({ disabled }: Selection): ReadonlyMap<string, Tree> =>
  new Map([...disabled].map(([name, { value }]) => [name, value]));

function noFile(found: Discovery): GantryError {
  const hint = 'name one with -f, or change into the project folder';
  return new GantryError('compose/file-not-found', `no compose file found in ${found.workingDir} or above`, { hint });
}
