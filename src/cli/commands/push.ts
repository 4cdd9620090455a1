// `push`: sends the images that services build to their registries, side by side.
import type { Docker } from '../../client/docker.ts';
import { findCredentials, registryOf } from '../../client/docker-config.ts';
import { followTransfer } from '../../project/transfer.ts';
import type { Context } from '../context.ts';
import { splitReference } from '../output/reference.ts';
import { runTransfers, type TransferJob } from '../transfers.ts';
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
  const docker = await context.docker();
  const built = services.filter(({ build, image }) => build !== undefined && image !== undefined);
  const images = [...new Set(built.flatMap(({ image }) => image ?? []))];
  const skipped = services
    .filter((service) => !built.includes(service))
    .map(({ name, build }) => ({ id: name, why: build === undefined ? 'it is not built here' : 'it names no image' }));
  const jobs = images.map((image) => jobOf(context, docker, { image, mayFail: flags.ignorePushFailures ?? false }));
  await runTransfers(context, jobs, { verb: 'push', title: 'Pushing', quiet: flags.quiet ?? false, skipped });
  return undefined;
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
