// `docker network prune`.
import { collect } from '../../flags.ts';
import type { DefineVerb } from '../../verb.ts';
import { confirmed } from './confirm.ts';
import { filtersOf } from './filters.ts';

interface Flags {
  readonly filter?: readonly string[];
  readonly force?: boolean;
}

/** `docker network prune`. */
export const networkPrune: DefineVerb = (command, begin) => {
  command
    .option('--filter <filter>', 'until=TIME, label=KEY or label!=KEY, repeatable', collect)
    .option('-f, --force', 'ask nothing')
    .action((flags: Flags) =>
      begin(async (context) => {
        const filters = filtersOf(flags.filter);
        const warning = 'This will remove all custom networks not used by at least one container.';
        if (!(await confirmed(context, warning, flags.force))) return undefined;
        const docker = await context.docker();
        const pruned = await docker.pruneNetworks({ filters, abortSignal: context.interrupts.signal });
        const names = pruned.NetworksDeleted ?? [];
        if (names.length > 0) context.print(`Deleted Networks:\n${names.join('\n')}\n\n`);
        return undefined;
      }),
    );
};
