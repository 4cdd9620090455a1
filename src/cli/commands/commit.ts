// `commit`: makes an image of a service's container.
import { commitFlags, runCommit, type CommitFlags } from '../commit-image.ts';
import { integerOf } from '../flags.ts';
import { pickContainer, selectContainers } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

/** `gantry commit SERVICE [REPOSITORY[:TAG]]`. */
export const commit: DefineVerb = (command, begin) => {
  commitFlags(command.argument('<service>').argument('[reference]'))
    .option('--index <n>', 'of this replica')
    .action((service: string, reference: string | undefined, flags: CommitFlags & { readonly index?: string }) =>
      begin(async (context) => {
        const index = flags.index === undefined ? undefined : integerOf('--index', flags.index, 1);
        const { containers } = await selectContainers(context, [service]);
        const { id } = pickContainer(containers, service, index);
        await runCommit(context, { container: id, reference, flags });
        return undefined;
      }),
    );
};
