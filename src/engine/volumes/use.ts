// Volumes in use: held while a container is being made, mounted while one runs that needs that.
import { stat } from 'node:fs/promises';
import { GantryError } from '../../base/error.ts';
import type { VolumeHold, VolumeRef, VolumeUse } from '../services.ts';
import { mountVolume, needsMount, unmountVolume } from './mounts.ts';
import { DRIVER, type VolumeRecord } from './record.ts';
import { announce, createVolume, dataFolder, type VolumeStore } from './store.ts';

/** A volume is held before it is looked for, so that a removal at the same time comes before or waits for its end. */
export function holdOf(store: VolumeStore): VolumeHold {
  const held: string[] = [];
  const keep = (name: string): void => {
    store.held.add(name);
    held.push(name);
  };
  return {
    keep,
    ensure: async (name, options) => {
      if (name !== '') keep(name);
      const volume = await createVolume(store, { ...options, name });
      if (name === '') keep(volume.name);
      return await refOf(store, volume);
    },
    [Symbol.dispose]: () => store.held.drop(...held.splice(0)),
  };
}

/** A volume that was removed by force of circumstance is the start's to complain about. */
export async function mountFor(store: VolumeStore, name: string, use: VolumeUse): Promise<void> {
  const volume = store.records.get(name);
  if (volume !== undefined && needsMount(volume)) {
    const folder = dataFolder(store, name);
    await store.lock.run(name, async () => mountVolume(volume, folder, store.context.signal));
  }
  announce(store, 'mount', name, {
    container: use.container,
    destination: use.destination,
    propagation: use.propagation,
    'read/write': String(use.writable),
  });
}

/** Announces it; what was mounted for the last one who runs goes. */
export async function unmountOf(store: VolumeStore, name: string, container: string): Promise<void> {
  announce(store, 'unmount', name, { container });
  const volume = store.records.get(name);
  if (volume === undefined || !needsMount(volume)) return;
  await store.lock.run(name, async () => {
    const others = store.usage.containersOfVolume(name, { runningOnly: true }).filter((id) => id !== container);
    if (others.length === 0) await unmountVolume(dataFolder(store, name));
  });
}

/** A volume that stands for a folder of the host is mounted from there. */
async function refOf(store: VolumeStore, volume: VolumeRecord): Promise<VolumeRef> {
  const device = needsMount(volume) ? undefined : volume.options?.['device'];
  if (device !== undefined && !(await isFolder(device))) {
    throw new GantryError(
      'engine/bad-parameter',
      `failed to mount local volume ${volume.name}: ${device}: no such file or directory`,
      { hint: `mkdir -p ${device}` },
    );
  }
  return { name: volume.name, driver: DRIVER, mountpoint: device ?? dataFolder(store, volume.name) };
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
