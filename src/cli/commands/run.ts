// `run`: one command in a container of its own, made like a service's; its dependencies are brought up first.
import { resolve } from 'node:path';
import type { Project } from '../../compose/model/project.ts';
import type { Service } from '../../compose/model/service.ts';
import { GantryError } from '../../base/error.ts';
import { isHttpError } from '../../client/errors.ts';
import { splitWords } from '../../compose/canonical/words.ts';
import { injectedFiles } from '../../project/desired/injected-files.ts';
import { oneOffBody, type OneOff } from '../../project/desired/one-off.ts';
import { networkBody, volumeBody } from '../../project/desired/resources.ts';
import { imageOf } from '../../project/names.ts';
import { observeContainers } from '../../project/observe.ts';
import { declaredNeeds } from '../../project/order.ts';
import { refuseUnsupported } from '../../project/preflight.ts';
import { withProfiles } from '../../project/seccomp-profiles.ts';
import { planDependencyWaits } from '../../project/verbs.ts';
import { bringUp, prepareImages } from '../bring-up.ts';
import { runAttached, startError } from '../container/attached-run.ts';
import { volumeFlags } from '../container/mounts.ts';
import { portMaps } from '../container/ports.ts';
import { pairsOf } from '../container/values.ts';
import type { Context } from '../context.ts';
import { printSteps } from '../dry-run.ts';
import { collect, exclusive } from '../flags.ts';
import { isTerminal } from '../io.ts';
import { runPlan } from '../run-plan.ts';
import type { DefineVerb } from '../verb.ts';

interface RunFlags {
  readonly build?: boolean;
  readonly capAdd?: readonly string[];
  readonly capDrop?: readonly string[];
  readonly detach?: boolean;
  readonly entrypoint?: string;
  readonly env?: readonly string[];
  readonly envFromFile?: readonly string[];
  readonly interactive?: boolean;
  readonly label?: readonly string[];
  readonly name?: string;
  /** False with -T. */
  readonly TTY?: boolean;
  readonly deps?: boolean;
  readonly publish?: readonly string[];
  readonly pull?: string;
  readonly quiet?: boolean;
  readonly quietBuild?: boolean;
  readonly quietPull?: boolean;
  readonly removeOrphans?: boolean;
  readonly rm?: boolean;
  readonly servicePorts?: boolean;
  readonly useAliases?: boolean;
  readonly user?: string;
  readonly volume?: readonly string[];
  readonly workdir?: string;
}

/** `gantry run`. */
export const run: DefineVerb = (command, begin) => {
  command
    .argument('<service>')
    .argument('[command...]')
    .passThroughOptions()
    .option('--build', 'build the image first')
    .option('--cap-add <capability>', 'add a capability, repeatable', collect)
    .option('--cap-drop <capability>', 'drop a capability, repeatable', collect)
    .option('-d, --detach', 'leave it in the background and print its name')
    .option('--entrypoint <command>', "instead of the service's entrypoint")
    .option('-e, --env <name=value>', 'set a variable, repeatable', collect)
    .option('--env-from-file <file>', 'set the variables of a file, repeatable', collect)
    .option('-i, --interactive', 'keep standard input open; so it is unless -i=false')
    .option('-l, --label <key=value>', 'add a label, repeatable', collect)
    .option('--name <name>', 'name of the container')
    .option('-T, --no-TTY', 'no terminal')
    .option('-t, --tty', 'accepted, there is a terminal where there is one')
    .option('--no-deps', 'leave dependencies alone')
    .option('-p, --publish <port>', 'publish a port, repeatable', collect)
    .option('-P, --service-ports', "publish the service's ports")
    .option('--pull <policy>', 'always, missing or never, whatever the services say')
    .option('-q, --quiet', 'say nothing of what is done first')
    .option('--quiet-build', 'say nothing of the steps of builds')
    .option('--quiet-pull', 'pull without progress')
    .option('--remove-orphans', 'remove containers of services that are no longer in the files')
    .option('--rm', 'remove the container when it ends')
    .option('--use-aliases', "with the service's names on its networks")
    .option('-u, --user <user[:group]>', 'run it as this user')
    .option('-v, --volume <source:path>', 'mount a volume, a path alone is an anonymous one, repeatable', collect)
    .option('-w, --workdir <path>', 'working directory')
    .action((service: string, words: string[], flags: RunFlags) =>
      begin(async (context) => await runOnce(context, { name: service, words, flags })),
    );
};

interface Request {
  readonly name: string;
  readonly words: readonly string[];
  readonly flags: RunFlags;
}

async function runOnce(context: Context, request: Request): Promise<number> {
  const { name, flags } = request;
  exclusive({ ...flags }, [['publish', 'service-ports']]);
  const project = await context.project({ services: [name], tellUnapplied: true });
  const service = project.services[name];
  if (service === undefined) throw new GantryError('compose/unknown-service', `no such service: ${name}`);
  refuseUnsupported(service);
  const wanted = await oneOff(context, request);
  await prepare(context, { project, service, flags });
  if (context.dryRun) {
    await printSteps(context, 'run', [`run ${name}: ${request.words.join(' ')}`]);
    return 0;
  }
  const docker = await context.docker();
  const image = await docker.getImage(imageOf(project.name, service)).inspect();
  const { name: containerName, body } = oneOffBody(project, service, { run: wanted, imageId: image.Id });
  const whole = await withProfiles(body);
  const container = await docker.createContainer({ ...whole, name: containerName, platform: service.platform });
  const files = injectedFiles(project, service);
  if (files.length > 0) await (await import('../../project/inject-files.ts')).injectFiles(container, files);
  if (wanted.attached)
    return await runAttached(context, container, {
      attach: { stdin: wanted.interactive, stdout: true, stderr: true },
      tty: wanted.tty,
      detachKeys: undefined,
      sigProxy: true,
      autoRemove: wanted.autoRemove,
      start: true,
    });
  await container.start().catch((error: unknown) => {
    throw startError(error);
  });
  context.print(`${containerName}\n`);
  return 0;
}

async function oneOff(context: Context, { words, flags }: Request): Promise<OneOff> {
  const attached = flags.detach !== true;
  const [interactive, tty] = [flags.interactive !== false, flags.TTY !== false];
  const { anonymous, binds } = volumeFlags(flags.volume ?? [], context.cwd);
  return {
    name: flags.name,
    command: words,
    entrypoint: flags.entrypoint === undefined ? undefined : splitWords(flags.entrypoint),
    env: await variables(context, flags),
    ...overrides(flags),
    binds,
    anonymous,
    tty: tty && attached && isTerminal(context.io.stdout) && (!interactive || isTerminal(context.io.stdin)),
    interactive: interactive && attached,
    attached,
  };
}

type Overrides =
  'labels' | 'user' | 'workdir' | 'capAdd' | 'capDrop' | 'ports' | 'servicePorts' | 'useAliases' | 'autoRemove';

function overrides(flags: RunFlags): Pick<OneOff, Overrides> {
  return {
    labels: pairsOf(flags.label ?? []),
    user: flags.user,
    workdir: flags.workdir,
    capAdd: flags.capAdd ?? [],
    capDrop: flags.capDrop ?? [],
    ports: portMaps(flags.publish ?? [], []),
    servicePorts: flags.servicePorts ?? false,
    useAliases: flags.useAliases ?? false,
    autoRemove: flags.rm ?? false,
  };
}

/** Files first, then flags, of which NAME alone passes the variable on. */
async function variables(context: Context, { env = [], envFromFile = [] }: RunFlags): Promise<OneOff['env']> {
  const read = (pair: string): readonly [string, string | null] => {
    const [key = '', value] = pair.split(/=(.*)/s, 2);
    return [key, value ?? context.env[key] ?? null];
  };
  const { readVariables } = await import('../../compose/files/env-files.ts');
  const files = envFromFile.map((file) => resolve(context.cwd, file));
  const values = await readVariables(files, { env: context.env, signal: context.interrupts.signal });
  return Object.fromEntries([...values, ...env.map(read)]);
}

interface Preparation {
  readonly project: Project;
  readonly service: Service;
  readonly flags: RunFlags;
}

/** Dependencies up and as they are wanted, the image there, networks and volumes made. */
async function prepare(context: Context, { project, service, flags }: Preparation): Promise<void> {
  const own = { ...project, services: { [service.name]: service } };
  const others = Object.keys(project.services).filter((name) => name !== service.name);
  const { quietPull = false, quietBuild = false, removeOrphans = false, pull } = flags;
  const images = { quietPull, quietBuild, ...(pull === undefined ? {} : { pull }) };
  const shown = flags.quiet === true ? quietly(context) : context;
  if (flags.deps !== false && others.length > 0)
    await bringUp(shown, others, { detach: true, removeOrphans, ...images });
  await prepareImages(shown, own, { ...images, ...(flags.build === true ? { build: true } : {}) });
  if (context.dryRun) return;
  await makeResources(context, project);
  if (flags.deps !== false) await waitForDependencies(shown, project, service);
}

/** The same without progress. */
function quietly(context: Context): Context {
  return { ...context, withProgress: async (_title, work) => await work(() => undefined) };
}

/** Those that are there stay. */
async function makeResources(context: Context, project: Project): Promise<void> {
  const docker = await context.docker();
  for (const [key, network] of Object.entries(project.networks)) {
    if (network.external === true) continue;
    const [found] = await docker.listNetworks({ filters: { name: [`^${network.name}$`] } });
    if (found === undefined)
      await docker.createNetwork(networkBody(project, key, network)).catch((error: unknown) => {
        if (!isHttpError(error, 409)) throw error;
      });
  }
  for (const [key, volume] of Object.entries(project.volumes))
    if (volume.external !== true) await docker.createVolume(volumeBody(project, key, volume));
}

async function waitForDependencies(context: Context, project: Project, { name }: Service): Promise<void> {
  const docker = await context.docker();
  const all = await observeContainers(docker, project.name, { signal: context.interrupts.signal });
  const containers = all.filter(({ oneoff }) => !oneoff);
  const plan = planDependencyWaits({ project: project.name, containers, needs: declaredNeeds(project) }, name);
  await runPlan(context, plan, { title: 'Waiting' });
}
