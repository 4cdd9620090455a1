// `pull`: gets the images of services from their registries, side by side.
import { GantryError } from '../../base/error.ts';
import type { Docker } from '../../client/docker.ts';
import { findCredentials, registryOf } from '../../client/docker-config.ts';
import type { Service } from '../../compose/model/service.ts';
import { observe } from '../../project/observe.ts';
import { pullChoice } from '../../project/pulls.ts';
import { followTransfer } from '../../project/transfer.ts';
import type { Context } from '../context.ts';
import { runTransfers, type TransferJob } from '../transfers.ts';
import type { DefineVerb } from '../verb.ts';

interface Flags {
  readonly quiet?: boolean;
  readonly ignorePullFailures?: boolean;
  readonly ignoreBuildable?: boolean;
  readonly includeDeps?: boolean;
  readonly policy?: string;
}

/** `gantry pull`. */
export const pull: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('-q, --quiet', 'show no progress')
    .option('--ignore-pull-failures', 'go on with what can be pulled')
    .option('--ignore-buildable', 'leave services that can be built')
    .option('--include-deps', 'also what the services depend on')
    .option('--policy <policy>', 'missing or always')
    .action((services: string[], flags: Flags) => begin(async (context) => await runPull(context, services, flags)));
};

async function runPull(context: Context, named: readonly string[], flags: Flags): Promise<undefined> {
  const policy = policyOf(flags.policy);
  const project = await context.project(named.length === 0 ? {} : { services: named });
  const docker = await context.docker();
  const services = Object.values(project.services).filter(
    ({ name, build }) =>
      (named.length === 0 || flags.includeDeps === true || named.includes(name)) &&
      !(flags.ignoreBuildable === true && build !== undefined),
  );
  const images = services.flatMap(({ image }) => image ?? []);
  const observed = await observe(docker, project.name, { images, networks: false, volumes: false });
  const known = { images: observed.images, now: Date.now() };
  const choices = services.map((service) => ({ service, choice: pullChoice(service, known, { policy }) }));
  const wanted = choices.filter(({ choice }) => 'pull' in choice).map(({ service }) => service);
  const skipped = choices.flatMap(({ service, choice }) =>
    'skip' in choice
      ? [{ id: service.image === undefined ? service.name : `Image ${service.image}`, why: choice.skip }]
      : [],
  );
  const groups = [...Map.groupBy(wanted, ({ image }) => image ?? '').values()];
  const jobs = groups.map((group) => jobOf(context, docker, { group, flags }));
  await runTransfers(context, jobs, { verb: 'pull', title: 'Pulling', quiet: flags.quiet ?? false, skipped });
  return undefined;
}

interface JobInput {
  /** Services with one image. */
  readonly group: readonly Service[];
  readonly flags: Flags;
}

/** What can also be built is only a warning. */
function jobOf(context: Context, docker: Docker, { group, flags }: JobInput): TransferJob {
  const { image = '', platform } = group[0] ?? {};
  return {
    id: `Image ${image}`,
    step: `pull ${image}`,
    words: ['Pulling', 'Pulled'],
    mayFail: flags.ignorePullFailures === true || group.every(({ build }) => build !== undefined),
    run: async (tell) => {
      const authconfig = await findCredentials(context.env, registryOf(image));
      const stream = await docker.pull(image, { authconfig, platform, abortSignal: context.interrupts.signal });
      await followTransfer(stream, tell);
    },
  };
}

function policyOf(text: string | undefined): 'always' | 'missing' | undefined {
  if (text === undefined || text === 'always' || text === 'missing') return text;
  throw new GantryError('usage/invalid-flag', `--policy ${text}: give missing or always`);
}
