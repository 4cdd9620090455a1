// `docker pull`.
import { finishProgress } from '../../../client/follow.ts';
import { findCredentials, registryOf } from '../../../client/docker-config.ts';
import { canonicalName } from '../../output/reference.ts';
import { showTransfer } from '../../output/transfer.ts';
import type { DefineVerb } from '../../verb.ts';

interface Flags {
  readonly allTags?: boolean;
  readonly quiet?: boolean;
  readonly platform?: string;
}

/** `docker pull [-a] [-q] [--platform P] NAME[:TAG|@DIGEST]`. */
export const imagePull: DefineVerb = (command, begin) => {
  command
    .argument('<image>')
    .option('-a, --all-tags', 'all tags of the repository')
    .option('-q, --quiet', 'print the name only')
    .option('--platform <platform>', 'for example linux/arm64')
    .option('--disable-content-trust', 'accepted, there is no content trust')
    .action((image: string, flags: Flags) =>
      begin(async (context) => {
        const docker = await context.docker();
        const isBare = !/[:@][^/]*$/.test(image);
        if (isBare && flags.allTags !== true && flags.quiet !== true) context.print('Using default tag: latest\n');
        const stream = await docker.pull(image, {
          authconfig: await findCredentials(context.env, registryOf(image)),
          all: flags.allTags ?? false,
          platform: flags.platform,
          abortSignal: context.interrupts.signal,
        });
        if (flags.quiet === true) await finishProgress(stream);
        else await showTransfer(context.io.stdout, stream);
        context.print(`${canonicalName(image, flags.allTags === true ? '' : 'latest')}\n`);
        return undefined;
      }),
    );
};
