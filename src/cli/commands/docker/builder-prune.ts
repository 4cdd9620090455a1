// `docker builder prune`.
import type { DefineVerb } from '../../verb.ts';
import { filtersOf } from './filters.ts';
import { buildCache, pruneFlags, runPrune, type PruneFlags } from './prune.ts';

/** `docker builder prune`. */
export const builderPrune: DefineVerb = (command, begin) => {
  pruneFlags(command, 'until=TIME')
    .option('-a, --all', 'all of the cache')
    .action(({ filter, force, all = false }: PruneFlags & { readonly all?: boolean }) =>
      begin(async (context) => {
        const warning = `This will remove all ${all ? '' : 'dangling '}build cache. `;
        return await runPrune(context, { warning, force, steps: [[buildCache(all), filtersOf(filter)]] });
      }),
    );
};
