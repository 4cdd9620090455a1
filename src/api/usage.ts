// Answers of the prune endpoints and of GET /system/df. Declarations only.
import type { ContainerSummary } from './containers.ts';
import type { ImageDeleteItem, ImageSummary, Volume } from './objects.ts';

/** Answer of POST /containers/prune. Sizes are bytes in all of these. */
export interface ContainersPruned {
  readonly ContainersDeleted: readonly string[] | null;
  readonly SpaceReclaimed: number;
}

/** Answer of POST /images/prune. */
export interface ImagesPruned {
  readonly ImagesDeleted: readonly ImageDeleteItem[] | null;
  readonly SpaceReclaimed: number;
}

/** Answer of POST /networks/prune. */
export interface NetworksPruned {
  readonly NetworksDeleted: readonly string[] | null;
}

/** Answer of POST /volumes/prune. */
export interface VolumesPruned {
  readonly VolumesDeleted: readonly string[] | null;
  readonly SpaceReclaimed: number;
}

/** Answer of POST /build/prune. */
export interface BuilderPruned {
  readonly CachesDeleted: readonly string[] | null;
  readonly SpaceReclaimed: number;
}

/** A volume in GET /system/df; RefCount is -1 where it is not known. */
export type UsedVolume = Volume & {
  readonly UsageData?: { readonly Size: number; readonly RefCount: number } | null;
};

/** An entry of the build cache. */
export interface BuildCacheEntry {
  readonly ID: string;
  readonly Type: string;
  readonly Description?: string;
  readonly InUse: boolean;
  readonly Shared: boolean;
  readonly Size: number;
  readonly CreatedAt: string;
  readonly LastUsedAt: string | null;
  readonly UsageCount: number;
}

/** Answer of GET /system/df. */
export interface DiskUsage {
  /** Bytes of all layers, each counted once. */
  readonly LayersSize: number;
  readonly Images: readonly ImageSummary[] | null;
  readonly Containers:
    readonly (ContainerSummary & { readonly SizeRw?: number; readonly SizeRootFs?: number })[] | null;
  readonly Volumes: readonly UsedVolume[] | null;
  readonly BuildCache: readonly BuildCacheEntry[] | null;
}
