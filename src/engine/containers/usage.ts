// Which containers use an image, a volume or a network.
import type { UsageService } from '../services.ts';
import { isAlive } from './record.ts';
import type { ContainerStore } from './store.ts';

/** Answers from the records. */
export function usageOf(store: ContainerStore): UsageService {
  return {
    containersOfImage: (imageId, { runningOnly }) =>
      store
        .all()
        .filter(({ record }) => record.imageId === imageId && (!runningOnly || isAlive(record)))
        .map(({ id }) => id),
    containersOfVolume: (name, { runningOnly } = { runningOnly: false }) =>
      store
        .all()
        .filter(({ record }) => !runningOnly || isAlive(record))
        .filter(({ record }) => record.mounts.some((mount) => mount.Type === 'volume' && mount.Name === name))
        .map(({ id }) => id),
    containersOfNetwork: (networkId) =>
      store
        .all()
        .filter(({ record }) => Object.values(record.networks).some((member) => member.networkId === networkId))
        .map(({ record }) => ({ id: record.id, name: record.name, running: isAlive(record) })),
  };
}
