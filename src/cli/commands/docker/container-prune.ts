// `docker container prune`.
import type { DefineVerb } from '../../verb.ts';
import { filtersOf } from './filters.ts';
import { pruneFlags, runPrune, stoppedContainers, type PruneFlags } from './prune.ts';

/** `docker container prune`: those that do not run. */
export const containerPrune: DefineVerb = (command, begin) => {
  pruneFlags(command, 'until=TIME, label=KEY or label!=KEY').action(({ filter, force }: PruneFlags) =>
    begin(async (context) => {
      const warning = 'This will remove all stopped containers.';
      return await runPrune(context, { warning, force, steps: [[stoppedContainers, filtersOf(filter)]] });
    }),
  );
};
