// GET /system/df: what images, containers and volumes take on the disk. Asks each area and adds up nothing else.
import type { ContainerSummary } from '../api/containers.ts';
import type { ImageSummary, Volume } from '../api/objects.ts';
import type { BuildCacheEntry, DiskUsage } from '../api/usage.ts';
import { GantryError } from '../base/error.ts';
import type { Handlers } from './http/types.ts';

/** What is asked of the areas. */
export interface DiskUsageSources {
  /** Every image, and the sizes of each one's layers by chain id. */
  images(): readonly { readonly summary: ImageSummary; readonly layers: ReadonlyMap<string, number> }[];
  /** Every container with its sizes. */
  containers(): Promise<readonly ContainerSummary[]>;
  volumes(): readonly Volume[];
  volumeSize(volume: Volume, signal: AbortSignal): Promise<number>;
  buildCache(): readonly BuildCacheEntry[];
  /** How many containers have a volume. */
  volumeUsers(name: string): number;
}

const TYPES = ['image', 'container', 'volume', 'build-cache'] as const;
type Type = (typeof TYPES)[number];

/** Serves the route. */
export function diskUsageHandlers(sources: DiskUsageSources): Handlers {
  return {
    systemDf: async ({ query, signal }) => ({ json: await diskUsage(sources, wantedTypes(query.all('type')), signal) }),
  };
}

function wantedTypes(types: readonly string[]): ReadonlySet<Type> {
  const unknown = types.find((type) => !TYPES.some((known) => known === type));
  if (unknown !== undefined) throw new GantryError('engine/bad-parameter', `unknown object type: ${unknown}`);
  return new Set(types.length === 0 ? TYPES : TYPES.filter((type) => types.includes(type)));
}

async function diskUsage(
  sources: DiskUsageSources,
  types: ReadonlySet<Type>,
  signal: AbortSignal,
): Promise<Partial<DiskUsage>> {
  const containers = types.has('container') || types.has('image') ? await sources.containers() : [];
  return {
    ...(types.has('image') ? imageUsage(sources, containers) : {}),
    ...(types.has('container') ? { Containers: containers } : {}),
    ...(types.has('volume') ? { Volumes: await volumeUsage(sources, signal) } : {}),
    ...(types.has('build-cache') ? { BuildCache: sources.buildCache() } : {}),
  };
}

/** A layer that several images have is counted once in the sum, and is shared in each of them. */
function imageUsage(
  sources: DiskUsageSources,
  containers: readonly ContainerSummary[],
): Pick<DiskUsage, 'Images' | 'LayersSize'> {
  const images = sources.images();
  const uses = new Map<string, number>();
  const sizes = new Map(images.flatMap(({ layers }) => [...layers]));
  for (const { layers } of images) for (const chain of layers.keys()) uses.set(chain, (uses.get(chain) ?? 0) + 1);
  const shared = (layers: ReadonlyMap<string, number>): number =>
    sum([...layers].flatMap(([chain, size]) => ((uses.get(chain) ?? 0) > 1 ? [size] : [])));
  return {
    LayersSize: sum([...sizes.values()]),
    Images: images.map(({ summary, layers }) => ({
      ...summary,
      SharedSize: shared(layers),
      Containers: containers.filter(({ ImageID }) => ImageID === summary.Id).length,
    })),
  };
}

async function volumeUsage(sources: DiskUsageSources, signal: AbortSignal): Promise<NonNullable<DiskUsage['Volumes']>> {
  const list: NonNullable<DiskUsage['Volumes']>[number][] = [];
  for (const volume of sources.volumes()) {
    const Size = await sources.volumeSize(volume, signal);
    list.push({ ...volume, UsageData: { RefCount: sources.volumeUsers(volume.Name), Size } });
  }
  return list;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
