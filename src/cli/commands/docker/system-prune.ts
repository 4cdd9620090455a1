// `docker system prune`: containers, networks, volumes, images and the build cache, one after the other.
import type { Filters } from '../../../client/docker.ts';
import { GantryError } from '../../../base/error.ts';
import type { DefineVerb } from '../../verb.ts';
import { filtersOf } from './filters.ts';
import {
  buildCache,
  pruneFlags,
  runPrune,
  stoppedContainers,
  unusedImages,
  unusedNetworks,
  unusedVolumes,
  type PruneFlags,
  type PruneWork,
} from './prune.ts';

interface Flags extends PruneFlags {
  readonly all?: boolean;
  readonly volumes?: boolean;
}

/** `docker system prune`. */
export const systemPrune: DefineVerb = (command, begin) => {
  pruneFlags(command, 'until=TIME, label=KEY or label!=KEY')
    .option('-a, --all', 'also images with a name that no container uses')
    .option('--volumes', 'anonymous volumes too')
    .action((flags: Flags) =>
      begin(async (context) => {
        const filters = filtersOf(flags.filter);
        if (flags.volumes === true && filters['until'] !== undefined)
          throw new GantryError('usage/invalid-flag', 'the "until" filter is not supported with "--volumes"');
        return await runPrune(context, {
          warning: warning(flags),
          force: flags.force,
          steps: steps(flags, filters),
        });
      }),
    );
};

function steps({ all = false, volumes = false }: Flags, filters: Filters): PruneWork['steps'] {
  // the build cache has no labels
  const cache = Object.fromEntries(Object.entries(filters).filter(([key]) => key === 'until'));
  return [
    [stoppedContainers, filters],
    [unusedNetworks, filters],
    ...(volumes ? ([[unusedVolumes, filters]] as const) : []),
    [unusedImages(all), filters],
    [buildCache(all), cache],
  ];
}

function warning({ all, filter = [], volumes: withVolumes }: Flags): string {
  const lines = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(withVolumes === true ? ['all anonymous volumes not used by at least one container'] : []),
    all === true ? 'all images without at least one container associated to them' : 'all dangling images',
    all === true ? 'all build cache' : 'unused build cache',
  ];
  const filters = filter.map((text) => `  - ${text}\n`).join('');
  const filtered = filters === '' ? '' : `\n  Items to be pruned will be filtered with:\n${filters}`;
  return `This will remove:\n${lines.map((line) => `  - ${line}\n`).join('')}${filtered}`;
}
