// `docker build`: flags to a build request, its stream to stdout as Docker's classic builder prints it.
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseBytes } from '../../../base/bytes.ts';
import { GantryError, isGantryError } from '../../../base/error.ts';
import type { BuildOptions } from '../../../client/build.ts';
import { allCredentials } from '../../../client/docker-config.ts';
import { finishBuild } from '../../../client/build-progress.ts';
import { openContext, type BuildContext } from '../../../client/context/open.ts';
import { collect, integerOf } from '../../flags.ts';
import type { Context } from '../../context.ts';
import { humanSize } from '../../output/human.ts';
import type { DefineVerb } from '../../verb.ts';

interface BuildFlags {
  readonly tag?: readonly string[];
  readonly file?: string;
  readonly buildArg?: readonly string[];
  readonly target?: string;
  readonly cache?: boolean;
  readonly cacheFrom?: readonly string[];
  readonly pull?: boolean;
  readonly rm?: boolean;
  readonly forceRm?: boolean;
  readonly quiet?: boolean;
  readonly iidfile?: string;
  readonly label?: readonly string[];
  readonly network?: string;
  readonly addHost?: readonly string[];
  readonly platform?: string;
  readonly shmSize?: string;
  readonly memory?: string;
  readonly memorySwap?: string;
  readonly cpuShares?: string;
  readonly cpuPeriod?: string;
  readonly cpuQuota?: string;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly cgroupParent?: string;
  readonly ulimit?: readonly string[];
}

/** `gantry docker build`, `gantry image build`. */
export const build: DefineVerb = (command, begin) => {
  command
    .argument('<context>')
    .option('-t, --tag <name>', 'name of the image, repeatable', collect)
    .option('-f, --file <path>', 'the Dockerfile, - for stdin (default: Dockerfile in the context)')
    .option('--build-arg <name=value>', 'value of an ARG, from the environment when none is given, repeatable', collect)
    .option('--target <stage>', 'stage to build')
    .option('--no-cache', 'run every step')
    .option('--cache-from <image>', 'image whose steps may be taken, repeatable', collect)
    .option('--pull', 'get newer base images')
    .option('--rm', 'remove the containers of steps (as is done anyway)')
    .option('--force-rm', 'remove them also when a step fails')
    .option('-q, --quiet', "print the image's id only")
    .option('--iidfile <path>', "write the image's id to a file")
    .option('--label <name=value>', 'label of the image, repeatable', collect)
    .option('--network <mode>', 'network of the RUN steps')
    .option('--add-host <host:address>', 'line for /etc/hosts of the RUN steps, repeatable', collect)
    .option('--platform <platform>', 'platform of the image')
    .option('--shm-size <bytes>', 'size of /dev/shm')
    .option('-m, --memory <bytes>', 'memory of the RUN steps')
    .option('--memory-swap <bytes>', 'memory and swap of the RUN steps, -1 for no limit')
    .option('-c, --cpu-shares <shares>', 'weight of the RUN steps')
    .option('--cpu-period <microseconds>', 'period of the cpu limit')
    .option('--cpu-quota <microseconds>', 'cpu time in a period')
    .option('--cpuset-cpus <cpus>', 'cpus to run on')
    .option('--cpuset-mems <nodes>', 'memory nodes to use')
    .option('--cgroup-parent <cgroup>', 'parent of the cgroups')
    .option('--ulimit <name=soft:hard>', 'limit of the RUN steps, repeatable', collect)
    .action((path: string, flags: BuildFlags) => begin(async (context) => await run(context, path, flags)));
};

async function run(context: Context, path: string, flags: BuildFlags): Promise<number> {
  const { signal } = context.interrupts;
  const options = optionsOf(context, flags);
  const source = await openContext({
    context: path,
    dockerfile: flags.file,
    cwd: context.cwd,
    stdin: context.io.stdin,
    signal,
  });
  const out = outputOf(context, flags);
  tellSize(source, out);
  const docker = await context.docker();
  const registryconfig = await allCredentials(context.env);
  const place = { dockerfile: source.dockerfile, remote: source.remote, registryconfig, abortSignal: signal };
  try {
    const id = await finishBuild(await docker.buildImage(source.input, { ...options, ...place }), {
      text: (text) => out.write(text),
      status: ({ id: layer, status = '' }) => out.write(layer === undefined ? `${status}\n` : `${layer}: ${status}\n`),
    });
    if (flags.quiet === true) context.print(`${id}\n`);
    if (flags.iidfile !== undefined) await writeFile(resolve(context.cwd, flags.iidfile), id);
    return 0;
  } catch (error) {
    if (!isGantryError(error, 'client/build-failed')) throw error;
    out.failed();
    context.remark(`${error.message}\n`);
    return typeof error.details['code'] === 'number' ? error.details['code'] : 1;
  }
}

interface Output {
  readonly write: (text: string) => void;
  readonly failed: () => void;
}

/** The most of a quiet build's output that is kept for its failure, in characters. */
const MAX_HELD = 1024 * 1024;

/** A quiet build is silent unless it fails. */
function outputOf(context: Context, flags: BuildFlags): Output {
  let held = '';
  if (flags.quiet !== true) return { write: (text) => context.print(text), failed: () => undefined };
  return {
    write: (text) => {
      held = (held + text).slice(-MAX_HELD);
    },
    failed: () => context.remark(held),
  };
}

function tellSize({ input }: BuildContext, out: Output): void {
  let size = 0;
  input?.on('data', (chunk: Buffer) => {
    size += chunk.length;
  });
  input?.pause();
  input?.once('end', () => out.write(`Sending build context to Docker daemon  ${humanSize(size, 4)}\n`));
}

function optionsOf(context: Context, flags: BuildFlags): BuildOptions {
  return {
    t: flags.tag,
    buildargs: argumentsOf(flags.buildArg ?? [], context.env),
    labels: labelsOf(flags.label ?? []),
    target: flags.target,
    platform: flags.platform ?? context.env['DOCKER_DEFAULT_PLATFORM'],
    nocache: flags.cache === false ? true : undefined,
    cachefrom: flags.cacheFrom,
    pull: flags.pull,
    rm: flags.rm ?? true,
    forcerm: flags.forceRm,
    networkmode: flags.network,
    extrahosts: flags.addHost,
    cpusetcpus: flags.cpusetCpus,
    cpusetmems: flags.cpusetMems,
    cgroupparent: flags.cgroupParent,
    ...limitsOf(flags),
  };
}

function limitsOf(flags: BuildFlags): BuildOptions {
  const number = (name: string, text: string | undefined): number | undefined =>
    text === undefined ? undefined : integerOf(name, text, -1);
  return {
    shmsize: bytesOf('--shm-size', flags.shmSize),
    memory: bytesOf('--memory', flags.memory),
    memswap: flags.memorySwap === '-1' ? -1 : bytesOf('--memory-swap', flags.memorySwap),
    cpushares: number('--cpu-shares', flags.cpuShares),
    cpuperiod: number('--cpu-period', flags.cpuPeriod),
    cpuquota: number('--cpu-quota', flags.cpuQuota),
    ulimits: flags.ulimit?.map(ulimitOf),
  };
}

function bytesOf(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const bytes = parseBytes(text);
  if (bytes === undefined) throw new GantryError('usage/invalid-flag', `${flag} ${text}: give a size, for example 64m`);
  return bytes;
}

function ulimitOf(text: string): { Name: string; Soft: number; Hard: number } {
  const [, name, soft, hard] = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? [];
  if (name === undefined || soft === undefined)
    throw new GantryError('usage/invalid-flag', `--ulimit ${text}: give NAME=SOFT or NAME=SOFT:HARD`);
  return { Name: name, Soft: Number(soft), Hard: Number(hard ?? soft) };
}

/** `NAME=VALUE`; a name alone takes the value of the environment, and is left to the Dockerfile without one. */
function argumentsOf(pairs: readonly string[], env: Readonly<Record<string, string>>): Record<string, string | null> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [pair, env[pair] ?? null] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

function labelsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
