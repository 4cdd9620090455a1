// `config`: the project in canonical form, or lists of what is in it. Asks no engine.
import { writeFile } from 'node:fs/promises';
import { GantryError } from '../../base/error.ts';
import type { LoadOptions } from '../../compose/load-types.ts';
import type { Project } from '../../compose/model/project.ts';
import { serviceHash } from '../../project/hash.ts';
import { imageOf } from '../../project/names.ts';
import type { Context } from '../context.ts';
import { notYet } from '../flags.ts';
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
    .option('--resolve-image-digests', 'not supported yet')
    .option('--lock-image-digests', 'not supported yet')
    .option('--variables', 'not supported yet')
    .action((services: string[], flags: ConfigFlags) =>
      begin(async (context) => await runConfig(context, services, flags)),
    );
};

async function runConfig(context: Context, services: readonly string[], flags: ConfigFlags): Promise<undefined> {
  notYet(flags as Readonly<Record<string, unknown>>, ['resolve-image-digests', 'lock-image-digests', 'variables']);
  const project = await context.project(loadOptions(services, flags));
  if (flags.quiet === true) return undefined;
  const text = listed(project, flags) ?? (await printed(project, flags));
  if (flags.output === undefined) context.print(text);
  else await writeFile(flags.output, text);
  return undefined;
}

function loadOptions(services: readonly string[], flags: ConfigFlags): Partial<LoadOptions> {
  return {
    ...(services.length === 0 ? {} : { services }),
    ...(flags.profiles === true ? { profiles: ['*'] } : {}),
    interpolate: flags.interpolate !== false,
    normalize: flags.normalize !== false,
    resolvePaths: flags.pathResolution !== false,
    checkConsistency: flags.consistency !== false,
    resolveEnvironment: flags.envResolution !== false,
  };
}

async function printed(project: Project, flags: ConfigFlags): Promise<string> {
  const format = flags.format ?? 'yaml';
  if (format !== 'yaml' && format !== 'json')
    throw new GantryError('usage/invalid-flag', `--format ${format}: use yaml or json`);
  const { printProject } = await import('../../compose/print.ts');
  const text = printProject(project, { format, escapeDollars: flags.interpolate !== false });
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** The first of the list flags wins. */
function listed(project: Project, flags: ConfigFlags): string | undefined {
  const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');
  const services = Object.values(project.services);
  if (flags.services === true) return lines(services.map((service) => service.name));
  if (flags.volumes === true) return lines(Object.keys(project.volumes));
  if (flags.networks === true) return lines(Object.keys(project.networks));
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
