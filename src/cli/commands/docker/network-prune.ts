// `docker network prune`.
import type { DefineVerb } from '../../verb.ts';
import { filtersOf } from './filters.ts';
import { pruneFlags, runPrune, unusedNetworks, type PruneFlags } from './prune.ts';

/** `docker network prune`. */
export const networkPrune: DefineVerb = (command, begin) => {
  pruneFlags(command, 'until=TIME, label=KEY or label!=KEY').action(({ filter, force }: PruneFlags) =>
    begin(async (context) => {
      const warning = 'This will remove all custom networks not used by at least one container.';
      return await runPrune(context, { warning, force, steps: [[unusedNetworks, filtersOf(filter)]] });
    }),
  );
};
