// `docker builder prune`.
import { collect } from '../../flags.ts';
import { humanSize } from '../../output/human.ts';
import type { DefineVerb } from '../../verb.ts';
import { confirmed } from './confirm.ts';
import { filtersOf } from './filters.ts';
import { cacheText } from './system-prune.ts';

interface Flags {
  readonly all?: boolean;
  readonly filter?: readonly string[];
  readonly force?: boolean;
}

/** `docker builder prune`. */
export const builderPrune: DefineVerb = (command, begin) => {
  command
    .option('-a, --all', 'all of the cache')
    .option('--filter <filter>', 'until=TIME, repeatable', collect)
    .option('-f, --force', 'ask nothing')
    .action((flags: Flags) =>
      begin(async (context) => {
        const all = flags.all === true;
        const filters = filtersOf(flags.filter);
        const warning = `This will remove all ${all ? '' : 'dangling '}build cache. `;
        if (!(await confirmed(context, warning, flags.force))) return undefined;
        const docker = await context.docker();
        const pruned = await docker.pruneBuilder({ filters, all, abortSignal: context.interrupts.signal });
        context.print(cacheText(pruned.CachesDeleted));
        context.print(`Total reclaimed space: ${humanSize(pruned.SpaceReclaimed, 4)}\n`);
        return undefined;
      }),
    );
};
