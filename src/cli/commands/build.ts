// `build`: builds or rebuilds the images of services.
import { parseBytes } from '../../base/bytes.ts';
import { GantryError } from '../../base/error.ts';
import type { Service } from '../../compose/model/service.ts';
import { buildsOf, runBuilds } from '../builds.ts';
import type { Context } from '../context.ts';
import { collect } from '../flags.ts';
import type { DefineVerb } from '../verb.ts';

interface BuildVerbFlags {
  readonly buildArg?: readonly string[];
  readonly cache?: boolean;
  readonly pull?: boolean;
  readonly push?: boolean;
  readonly quiet?: boolean;
  readonly ssh?: string;
  readonly builder?: string;
  readonly check?: boolean;
  readonly print?: boolean;
  readonly sbom?: boolean;
  readonly provenance?: boolean;
  readonly memory?: string;
  readonly withDependencies?: boolean;
}

/** `gantry build`. */
export const build: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('--build-arg <name=value>', 'value of an ARG, from the environment when none is given, repeatable', collect)
    .option('--no-cache', 'run every step')
    .option('--pull', 'get newer base images')
    .option('--push', 'push the images that are built')
    .option('-q, --quiet', 'say nothing of the steps')
    .option('--with-dependencies', 'also build the services that these need')
    .option('-m, --memory <bytes>', 'memory of the RUN steps')
    .option('--ssh <keys>', 'not supported: needs BuildKit')
    .option('--builder <name>', 'not supported: there is one builder')
    .option('--check', 'not supported: needs BuildKit')
    .option('--print', 'not supported: needs BuildKit')
    .option('--sbom', 'not supported: needs BuildKit; --sbom=false is accepted')
    .option('--provenance', 'not supported: needs BuildKit; --provenance=false is accepted')
    .option('--compress', 'accepted, changes nothing')
    .option('--force-rm', 'accepted: containers of steps are always removed')
    .option('--no-rm', 'accepted, changes nothing')
    .option('--parallel', 'accepted: builds run side by side')
    .action((services: string[], flags: BuildVerbFlags) =>
      begin(async (context) => await runBuild(context, services, flags)),
    );
};

async function runBuild(context: Context, names: readonly string[], flags: BuildVerbFlags): Promise<undefined> {
  refuse(flags);
  const project = await context.project(names.length === 0 ? {} : { services: names });
  const isMeant = (name: string): boolean =>
    names.length === 0 || flags.withDependencies === true || names.includes(name);
  const services = Object.values(project.services).filter(({ name }) => isMeant(name));
  const plan = await buildsOf(project, services, {
    noCache: flags.cache === false,
    pull: flags.pull ?? false,
    args: argumentsOf(flags.buildArg ?? [], context.env),
    memory: memoryOf(flags.memory),
    quiet: flags.quiet ?? false,
  });
  if (plan.operations.length === 0) context.remark('gantry: warning: no service has anything to build\n');
  else await runBuilds(context, plan);
  if (flags.push === true) await pushBuilt(context, services, flags.quiet ?? false);
  return undefined;
}

/** An image without a name of its own is nobody's to push. */
async function pushBuilt(context: Context, services: readonly Service[], quiet: boolean): Promise<void> {
  const { pushImages } = await import('./push.ts');
  const built = services.filter((service) => service.build !== undefined);
  const nameless = built.filter(({ image }) => image === undefined);
  const skipped = nameless.map(({ name }) => ({ id: name, why: 'it names no image' }));
  await pushImages(context, built, { quiet, skipped, mayFail: false });
}

function refuse(flags: BuildVerbFlags): void {
  for (const name of ['ssh', 'builder', 'check', 'print', 'sbom', 'provenance'] as const) {
    if (flags[name] === undefined || flags[name] === false) continue;
    throw new GantryError('usage/invalid-flag', `--${name} needs BuildKit, which this builder is not`);
  }
}

/** A name alone takes the value of the environment, and says nothing without one. */
function argumentsOf(pairs: readonly string[], env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    pairs.flatMap((pair) => {
      const at = pair.indexOf('=');
      const name = at < 0 ? pair : pair.slice(0, at);
      const value = at < 0 ? env[pair] : pair.slice(at + 1);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

function memoryOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseBytes(text);
  if (bytes === undefined)
    throw new GantryError('usage/invalid-flag', `--memory ${text}: give a size, for example 512m`);
  return bytes;
}
