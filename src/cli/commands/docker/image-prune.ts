// `docker image prune`.
import type { DefineVerb } from '../../verb.ts';
import { filtersOf } from './filters.ts';
import { pruneFlags, runPrune, unusedImages, type PruneFlags } from './prune.ts';

/** `docker image prune`: images without a name; with --all those without a container too. */
export const imagePrune: DefineVerb = (command, begin) => {
  pruneFlags(command, 'until=TIME, label=KEY or label!=KEY')
    .option('-a, --all', 'also images with a name that no container uses')
    .action(({ filter, force, all = false }: PruneFlags & { readonly all?: boolean }) =>
      begin(async (context) => {
        const which = all ? 'images without at least one container associated to them' : 'dangling images';
        const warning = `This will remove all ${which}.`;
        return await runPrune(context, { warning, force, steps: [[unusedImages(all), filtersOf(filter)]] });
      }),
    );
};
