// `commit`: makes an image of a service's container.
import { commitFlags, runCommit, type CommitFlags } from '../commit-image.ts';
import { printSteps } from '../dry-run.ts';
import { selectOne, type ReplicaFlags } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

/** `gantry commit SERVICE [REPOSITORY[:TAG]]`. */
export const commit: DefineVerb = (command, begin) => {
  commitFlags(command.argument('<service>').argument('[reference]'))
    .option('--index <n>', 'of this replica')
    .action((service: string, reference: string | undefined, flags: CommitFlags & ReplicaFlags) =>
      begin(async (context) => {
        const { id, name } = await selectOne(context, service, flags);
        if (context.dryRun) {
          await printSteps(context, 'commit', [`commit ${name}${reference === undefined ? '' : ` as ${reference}`}`]);
          return undefined;
        }
        await runCommit(context, { container: id, reference, flags });
        return undefined;
      }),
    );
};
