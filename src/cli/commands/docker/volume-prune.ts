// `docker volume prune`.
import type { DefineVerb } from '../../verb.ts';
import { filtersOf } from './filters.ts';
import { pruneFlags, runPrune, unusedVolumes, type PruneFlags } from './prune.ts';

/** `docker volume prune`: anonymous volumes that nothing uses; with --all named ones too. */
export const volumePrune: DefineVerb = (command, begin) => {
  pruneFlags(command, 'label=KEY or label!=KEY')
    .option('-a, --all', 'named volumes too')
    .action(({ filter, force, all = false }: PruneFlags & { readonly all?: boolean }) =>
      begin(async (context) => {
        const filters = { ...filtersOf(filter), ...(all ? { all: ['true'] } : {}) };
        const warning = `This will remove ${all ? 'all' : 'anonymous'} local volumes not used by at least one container.`;
        return await runPrune(context, { warning, force, steps: [[unusedVolumes, filters]] });
      }),
    );
};
