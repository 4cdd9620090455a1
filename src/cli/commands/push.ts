// `push`: sends the images that services build to their registries, side by side.
import type { Docker } from '../../client/docker.ts';
import { findCredentials, registryOf } from '../../client/docker-config.ts';
import type { Service } from '../../compose/model/service.ts';
import { followTransfer } from '../../project/transfer.ts';
import type { Context } from '../context.ts';
import { splitReference } from '../output/reference.ts';
import { runTransfers, type TransferJob, type TransferView } from '../transfers.ts';
import type { DefineVerb } from '../verb.ts';

interface Flags {
  readonly quiet?: boolean;
  readonly ignorePushFailures?: boolean;
  readonly includeDeps?: boolean;
}

/** `gantry push`. */
export const push: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('-q, --quiet', 'show no progress')
    .option('--ignore-push-failures', 'go on with what can be pushed')
    .option('--include-deps', 'also what the services depend on')
    .action((services: string[], flags: Flags) => begin(async (context) => await runPush(context, services, flags)));
};

/** Images that are only pulled are nobody's to push. */
async function runPush(context: Context, named: readonly string[], flags: Flags): Promise<undefined> {
  const project = await context.project(named.length === 0 ? {} : { services: named });
  const services = Object.values(project.services).filter(
    ({ name }) => named.length === 0 || flags.includeDeps === true || named.includes(name),
  );
  const built = services.filter(({ build, image }) => build !== undefined && image !== undefined);
  const skipped = services
    .filter((service) => !built.includes(service))
    .map(({ name, build }) => ({ id: name, why: build === undefined ? 'it is not built here' : 'it names no image' }));
  await pushImages(context, built, {
    quiet: flags.quiet ?? false,
    mayFail: flags.ignorePushFailures ?? false,
    skipped,
  });
  return undefined;
}

/** How images are pushed. */
export interface PushOptions extends Pick<TransferView, 'quiet' | 'skipped'> {
  /** Failures are warnings. */
  readonly mayFail: boolean;
}

/** Pushes the images that services name, each once. */
export async function pushImages(
  context: Context,
  services: readonly Service[],
  { mayFail, ...view }: PushOptions,
): Promise<void> {
  const docker = await context.docker();
  const images = new Set(services.flatMap(({ image }) => image ?? []));
  const jobs = [...images].map((image) => jobOf(context, docker, { image, mayFail }));
  await runTransfers(context, jobs, { verb: 'push', title: 'Pushing', ...view });
}

function jobOf(
  context: Context,
  docker: Docker,
  { image, mayFail }: { readonly image: string; readonly mayFail: boolean },
): TransferJob {
  const { repository, tag } = splitReference(image);
  return {
    id: `Image ${image}`,
    step: `push ${image}`,
    words: ['Pushing', 'Pushed'],
    mayFail,
    run: async (tell) => {
      const authconfig = await findCredentials(context.env, registryOf(image));
      const stream = await docker
        .getImage(repository)
        .push({ authconfig, tag, abortSignal: context.interrupts.signal });
      await followTransfer(stream, tell);
    },
  };
}
