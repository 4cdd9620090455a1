// `docker system prune`: containers, networks, volumes, images and the build cache, one after the other.
import type { Docker, PruneOptions } from '../../../client/docker.ts';
import { GantryError } from '../../../base/error.ts';
import { collect } from '../../flags.ts';
import type { Context } from '../../context.ts';
import { humanSize } from '../../output/human.ts';
import type { DefineVerb } from '../../verb.ts';
import { confirmed } from './confirm.ts';
import { filtersOf } from './filters.ts';
import { prunedImagesText } from './image-prune.ts';

interface Flags {
  readonly all?: boolean;
  readonly filter?: readonly string[];
  readonly force?: boolean;
  readonly volumes?: boolean;
}

/** `docker system prune`. */
export const systemPrune: DefineVerb = (command, begin) => {
  command
    .option('-a, --all', 'also images with a name that no container uses')
    .option('--filter <filter>', 'until=TIME, label=KEY or label!=KEY, repeatable', collect)
    .option('-f, --force', 'ask nothing')
    .option('--volumes', 'anonymous volumes too')
    .action((flags: Flags) => begin(async (context) => await prune(context, flags)));
};

async function prune(context: Context, flags: Flags): Promise<undefined> {
  const filters = filtersOf(flags.filter);
  if (flags.volumes === true && filters['until'] !== undefined)
    throw new GantryError('usage/invalid-flag', 'the "until" filter is not supported with "--volumes"');
  if (!(await confirmed(context, warning(flags), flags.force))) return undefined;
  const docker = await context.docker();
  const options = { filters, abortSignal: context.interrupts.signal };
  let reclaimed = 0;
  for (const step of steps(docker, flags, options)) {
    const { text, bytes } = await step();
    context.print(text);
    reclaimed += bytes;
  }
  context.print(`Total reclaimed space: ${humanSize(reclaimed, 4)}\n`);
  return undefined;
}

interface Pruned {
  readonly text: string;
  readonly bytes: number;
}

function steps(docker: Docker, flags: Flags, options: PruneOptions): readonly (() => Promise<Pruned>)[] {
  const all = flags.all === true;
  const images = { ...options, filters: { ...options.filters, dangling: [String(!all)] } };
  // the build cache has no labels
  const cache = {
    ...options,
    filters: Object.fromEntries(Object.entries(options.filters ?? {}).filter(([key]) => key === 'until')),
  };
  return [
    async () => {
      const { ContainersDeleted, SpaceReclaimed } = await docker.pruneContainers(options);
      return { text: listText('Containers', ContainersDeleted), bytes: SpaceReclaimed };
    },
    async () => ({ text: listText('Networks', (await docker.pruneNetworks(options)).NetworksDeleted), bytes: 0 }),
    ...(flags.volumes === true ? [async () => await volumes(docker, options)] : []),
    async () => {
      const pruned = await docker.pruneImages(images);
      return { text: prunedImagesText(pruned), bytes: pruned.SpaceReclaimed };
    },
    async () => {
      const { CachesDeleted, SpaceReclaimed } = await docker.pruneBuilder({ ...cache, all });
      return { text: cacheText(CachesDeleted), bytes: SpaceReclaimed };
    },
  ];
}

async function volumes(docker: Docker, options: PruneOptions): Promise<Pruned> {
  const { VolumesDeleted, SpaceReclaimed } = await docker.pruneVolumes(options);
  return { text: listText('Volumes', VolumesDeleted), bytes: SpaceReclaimed };
}

function listText(what: string, names: readonly string[] | null): string {
  return names === null || names.length === 0 ? '' : `Deleted ${what}:\n${names.join('\n')}\n\n`;
}

/** What a prune of the build cache removed; "" when nothing. */
export function cacheText(ids: readonly string[] | null): string {
  return ids === null || ids.length === 0 ? '' : `Deleted build cache objects:\n${ids.join('\n')}\n\n`;
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
