// `docker push`.
import { finishProgress } from '../../../client/follow.ts';
import { findCredentials, registryOf } from '../../../client/docker-config.ts';
import { canonicalName, splitReference } from '../../output/reference.ts';
import { showTransfer } from '../../output/transfer.ts';
import type { DefineVerb } from '../../verb.ts';

interface Flags {
  readonly allTags?: boolean;
  readonly quiet?: boolean;
}

/** `docker push [-a] [-q] NAME[:TAG]`. */
export const imagePush: DefineVerb = (command, begin) => {
  command
    .argument('<image>')
    .option('-a, --all-tags', 'all tags of the repository')
    .option('-q, --quiet', 'print the name only')
    .option('--disable-content-trust', 'accepted, there is no content trust')
    .action((image: string, flags: Flags) =>
      begin(async (context) => {
        const docker = await context.docker();
        const { repository, tag } = splitReference(image);
        const all = flags.allTags === true;
        if (!all && !image.endsWith(`:${tag}`) && flags.quiet !== true) context.print('Using default tag: latest\n');
        const stream = await docker.getImage(repository).push({
          authconfig: await findCredentials(context.env, registryOf(image)),
          tag: all ? undefined : tag,
          abortSignal: context.interrupts.signal,
        });
        if (flags.quiet === true) {
          await finishProgress(stream);
          context.print(`${canonicalName(image, 'latest')}\n`);
        } else await showTransfer(context.io.stdout, stream);
        return undefined;
      }),
    );
};
