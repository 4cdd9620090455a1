// `docker container prune`.
import { collect } from '../../flags.ts';
import { humanSize } from '../../output/human.ts';
import type { DefineVerb } from '../../verb.ts';
import { confirmed } from './confirm.ts';
import { filtersOf } from './filters.ts';

interface Flags {
  readonly filter?: readonly string[];
  readonly force?: boolean;
}

/** `docker container prune`: those that do not run. */
export const containerPrune: DefineVerb = (command, begin) => {
  command
    .option('--filter <filter>', 'until=TIME, label=KEY or label!=KEY, repeatable', collect)
    .option('-f, --force', 'ask nothing')
    .action((flags: Flags) =>
      begin(async (context) => {
        const filters = filtersOf(flags.filter);
        if (!(await confirmed(context, 'This will remove all stopped containers.', flags.force))) return undefined;
        const docker = await context.docker();
        const pruned = await docker.pruneContainers({ filters, abortSignal: context.interrupts.signal });
        const ids = pruned.ContainersDeleted ?? [];
        if (ids.length > 0) context.print(`Deleted Containers:\n${ids.join('\n')}\n\n`);
        context.print(`Total reclaimed space: ${humanSize(pruned.SpaceReclaimed, 4)}\n`);
        return undefined;
      }),
    );
};
