// `config`: the project in canonical form, or lists of what is in it. Asks no engine.
import { writeFile } from 'node:fs/promises';
import { GantryError } from '../../base/error.ts';
import type { LoadOptions } from '../../compose/load-types.ts';
import type { Project } from '../../compose/model/project.ts';
import { serviceHash } from '../../project/hash.ts';
import { imageOf } from '../../project/names.ts';
import type { Context } from '../context.ts';
import type { DefineVerb } from '../verb.ts';

interface ConfigFlags {
  readonly format?: string;
  readonly output?: string;
  readonly quiet?: boolean;
  readonly services?: boolean;
  readonly volumes?: boolean;
  readonly networks?: boolean;
  readonly profiles?: boolean;
  readonly images?: boolean;
  readonly hash?: string;
  readonly environment?: boolean;
  readonly interpolate?: boolean;
  readonly normalize?: boolean;
  readonly pathResolution?: boolean;
  readonly consistency?: boolean;
  readonly envResolution?: boolean;
  readonly models?: boolean;
  readonly variables?: boolean;
  readonly explain?: string;
  readonly resolveImageDigests?: boolean;
  readonly lockImageDigests?: boolean;
}

/** `gantry config`. */
export const config: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('--format <format>', 'yaml or json')
    .option('-o, --output <file>', 'write to a file')
    .option('-q, --quiet', 'only check')
    .option('--services', 'names of services')
    .option('--volumes', 'names of volumes')
    .option('--networks', 'names of networks')
    .option('--profiles', 'names of profiles')
    .option('--images', 'names of images')
    .option('--hash <service>', 'hash of a service, * for all')
    .option('--environment', 'variables of interpolation')
    .option('--no-interpolate', 'leave variables as they are')
    .option('--no-normalize', 'add no defaults')
    .option('--no-path-resolution', 'leave relative paths as they are')
    .option('--no-consistency', 'skip checks across elements')
    .option('--no-env-resolution', 'leave env_file as it is')
    .option('--resolve-image-digests', 'pin images to the digests that their registries have')
    .option('--lock-image-digests', 'only the pinned images, as an override file')
    .option('--variables', 'variables that the files use, and their defaults')
    .option('--models', 'names of models')
    .option('--explain <path>', 'where a value came from: services.web.image')
    .action((services: string[], flags: ConfigFlags) =>
      begin(async (context) => await runConfig(context, services, flags)),
    );
};

async function runConfig(context: Context, services: readonly string[], flags: ConfigFlags): Promise<number> {
  if (flags.quiet === true && flags.format === 'json') return await checkForEditor(context, services, flags);
  if (flags.explain !== undefined) return await write(context, flags, await explained(context, services, flags));
  if (flags.variables === true) return await write(context, flags, await variableTable(context));
  if (flags.interpolate === false && !listsSomething(flags)) return await asWritten(context, services, flags);
  if (flags.quiet === true && !listsSomething(flags)) return await checkOnly(context, services, flags);
  const project = await context.project(loadOptions(context, services, flags));
  const list = listed(project, flags);
  if (list === undefined) return await writeProject(context, project, flags);
  // as in docker compose, -o is for the project
  context.print(list);
  return 0;
}

/** Makes nothing of the files but what is wrong with them. */
async function checkOnly(context: Context, services: readonly string[], flags: ConfigFlags): Promise<number> {
  await context.check(loadOptions(context, services, flags));
  formatOf(flags);
  return 0;
}

async function writeProject(context: Context, project: Project, flags: ConfigFlags): Promise<number> {
  const format = formatOf(flags);
  return flags.quiet === true ? 0 : await write(context, flags, await printed(context, project, { ...flags, format }));
}

async function write(context: Context, flags: ConfigFlags, text: string): Promise<number> {
  if (flags.output === undefined || context.dryRun) context.print(text);
  else await writeFile(flags.output, text);
  return 0;
}

/** Variables are not filled in: what they would make of the files can't be known, so nothing is left out. */
async function asWritten(context: Context, services: readonly string[], flags: ConfigFlags): Promise<number> {
  const options = { ...loadOptions(context, services, flags), checkConsistency: false, resolveEnvironment: false };
  const { model, project } = await context.load(options);
  if (flags.quiet === true) return 0;
  const { printModel } = await import('../../compose/print/model.ts');
  return await write(context, flags, printModel(model, project.name, formatOf(flags)));
}

/** All problems as JSON on stdout, also when there are none. */
async function checkForEditor(context: Context, services: readonly string[], flags: ConfigFlags): Promise<number> {
  const { problemsJson, problemsOf } = await import('../output/problems-json.ts');
  try {
    const { diagnostics } = await context.load(loadOptions(context, services, flags));
    return await write(context, flags, problemsJson(diagnostics));
  } catch (error) {
    await write(context, flags, problemsJson(problemsOf(error)));
    return 1;
  }
}

async function explained(context: Context, services: readonly string[], flags: ConfigFlags): Promise<string> {
  const loaded = await context.load({ ...loadOptions(context, services, flags), tellUnapplied: false });
  const { explainPath } = await import('../../compose/explain.ts');
  const all = explainPath(loaded, flags.explain ?? '');
  const { explainedJson, formatExplained } = await import('../output/explained.ts');
  return formatOf(flags) === 'json' ? explainedJson(all) : formatExplained(all);
}

/** Nothing is filled in: a variable that is required and not set is listed, too. */
async function variableTable(context: Context): Promise<string> {
  const { model } = await context.load({ interpolate: false, checkConsistency: false });
  const { variablesOf } = await import('../../compose/interpolate/variables.ts');
  const { formatTable } = await import('../output/table.ts');
  const rows = variablesOf(model).map((one) => [one.name, String(one.required), one.defaultValue, one.alternateValue]);
  return formatTable(['NAME', 'REQUIRED', 'DEFAULT VALUE', 'ALTERNATE VALUE'], rows, { gap: 1, least: 20 });
}

/** Lists are of all services, whichever are named, and what env_file holds is none of their business. */
function loadOptions(context: Context, services: readonly string[], flags: ConfigFlags): Partial<LoadOptions> {
  const ofAll = listsBefore(flags) || flags.profiles === true;
  const isList = (ofAll && flags.hash === undefined) || flags.images === true;
  return {
    ...(services.length === 0 || ofAll ? {} : { services }),
    ...(context.flags.allResources === true ? {} : { resources: 'enabled' }),
    ...(flags.profiles === true && !listsBefore(flags) ? { profiles: ['*'] } : {}),
    tellUnapplied: flags.quiet !== true || flags.format === 'json',
    interpolate: flags.interpolate !== false,
    normalize: flags.normalize !== false,
    resolvePaths: flags.pathResolution !== false,
    checkConsistency: flags.consistency !== false,
    resolveEnvironment: flags.envResolution !== false && !isList,
  };
}

function formatOf({ format = 'yaml' }: ConfigFlags): 'yaml' | 'json' {
  if (format === 'yaml' || format === 'json') return format;
  throw new GantryError('usage/invalid-flag', `--format ${format}: use yaml or json`);
}

/** True when a list is printed and not the project. */
const listsSomething = (flags: ConfigFlags): boolean =>
  listsBefore(flags) || flags.profiles === true || flags.images === true || flags.environment === true;

/** True when another list wins over that of the profiles. */
const listsBefore = (flags: ConfigFlags): boolean =>
  flags.services === true ||
  flags.volumes === true ||
  flags.networks === true ||
  flags.models === true ||
  flags.hash !== undefined;

async function printed(context: Context, loaded: Project, flags: ConfigFlags): Promise<string> {
  const format = formatOf(flags);
  const pins = flags.resolveImageDigests === true || flags.lockImageDigests === true;
  const project = pins ? await (await import('../pin-images.ts')).pinImages(context, loaded) : loaded;
  if (flags.lockImageDigests === true) return lockFile(project);
  const { printProject } = await import('../../compose/print.ts');
  return printProject(project, { format, escapeDollars: flags.interpolate !== false });
}

/** An override that changes nothing but the images. */
function lockFile(project: Project): string {
  const services = Object.values(project.services).filter(({ image }) => image !== undefined);
  return `services:\n${services.map(({ name, image }) => `  ${JSON.stringify(name)}:\n    image: ${image ?? ''}\n`).join('')}`;
}

/** The first of the list flags wins. */
function listed(project: Project, flags: ConfigFlags): string | undefined {
  const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');
  const services = Object.values(project.services);
  if (flags.services === true) return lines(services.map((service) => service.name));
  if (flags.volumes === true) return lines(Object.keys(project.volumes));
  if (flags.networks === true) return lines(Object.keys(project.networks));
  if (flags.models === true) return lines(Object.keys(project.models));
  if (flags.hash !== undefined) return lines(hashes(project, flags.hash));
  if (flags.profiles === true) return lines([...new Set(services.flatMap((service) => service.profiles ?? []))].sort());
  if (flags.images === true) return lines(services.map((service) => imageOf(project.name, service)));
  if (flags.environment === true)
    return lines(Object.entries(project.environment).map(([name, value]) => `${name}=${value}`));
  return undefined;
}

function hashes(project: Project, wanted: string): readonly string[] {
  const names = wanted === '*' ? Object.keys(project.services).sort() : wanted.split(',');
  return names.map((name) => {
    const service = project.services[name];
    if (service === undefined) throw new GantryError('compose/unknown-service', `no such service: ${name}`);
    return `${name} ${serviceHash(service)}`;
  });
}
