// The volumes area: folders under the data root that outlive containers. A volume's row and its folder come and go
// together; a crash in between is mended at start.
import { join } from 'node:path';
import type { Volume } from '../../api/objects.ts';
import { KeyedMutex } from '../../base/semaphore.ts';
import { gantryFs } from '../gantry-fs.ts';
import { volumeRoutes } from '../http/routes/volumes.ts';
import { createPins } from '../pins.ts';
import type { Area, EngineContext, UsageService, VolumeService } from '../services.ts';
import type { Filters } from './filter.ts';
import { ANONYMOUS_LABEL, DRIVER, volumeRecords, type VolumeRecord } from './record.ts';
import { pruneVolumes, recover, removeUnused, removeVolume, selected } from './remove.ts';
import { createVolume, dataFolder, existing, type NewVolume, type VolumeStore } from './store.ts';
import { holdOf, mountFor, unmountOf } from './use.ts';

/** All that can be done with volumes. */
export interface Volumes extends VolumeService {
  create(volume: NewVolume): Promise<Volume>;
  inspect(name: string): Volume;
  list(filters: Filters): Volume[];
  remove(name: string, options: { readonly force: boolean }): Promise<void>;
  prune(filters: Filters): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }>;
}

/** Seams of the volumes area. */
export interface VolumesDeps {
  readonly usage: UsageService;
  /** Path of gantry-fs. */
  readonly gantryFs: string;
}

/** Makes the volumes area; its service can be used once `restore` has run. */
export function createVolumes(
  context: EngineContext,
  deps: VolumesDeps,
): { readonly volumes: Volumes; readonly area: Area } {
  const store: VolumeStore = {
    context,
    usage: deps.usage,
    fs: gantryFs(deps.gantryFs),
    records: volumeRecords(context.db),
    folder: join(context.paths.data, 'volumes'),
    lock: new KeyedMutex(),
    held: createPins(),
  };
  const volumes = volumesOf(store);
  return { volumes, area: { handlers: volumeRoutes(volumes), restore: async () => await recover(store) } };
}

function volumesOf(store: VolumeStore): Volumes {
  return {
    hold: () => holdOf(store),
    mount: async (name, use) => await mountFor(store, name, use),
    unmount: async (name, container) => await unmountOf(store, name, container),
    removeAnonymous: async (name) => {
      if (store.records.get(name)?.labels[ANONYMOUS_LABEL] !== undefined) await removeUnused(store, name);
    },
    create: async (volume) => answerOf(store, await createVolume(store, volume)),
    inspect: (name) => answerOf(store, existing(store, name)),
    list: (filters) => selected(store, filters).map((volume) => answerOf(store, volume)),
    remove: async (name, { force }) => await removeVolume(store, name, force),
    prune: async (filters) => await pruneVolumes(store, filters),
  };
}

function answerOf(store: VolumeStore, volume: VolumeRecord): Volume {
  return {
    CreatedAt: volume.createdAt,
    Driver: DRIVER,
    Labels: Object.keys(volume.labels).length === 0 ? null : volume.labels,
    Mountpoint: dataFolder(store, volume.name),
    Name: volume.name,
    Options: volume.options,
    Scope: 'local',
  };
}
