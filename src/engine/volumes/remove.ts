// The end of volumes: removed, pruned, and after a crash. Data without a removal order is never touched.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '../../base/error.ts';
import { allFilter, volumeTests, type Filters } from './filter.ts';
import { unmountVolume } from './mounts.ts';
import { ANONYMOUS_LABEL, type VolumeRecord } from './record.ts';
import { announce, dataFolder, existing, type VolumeStore } from './store.ts';

/** Prefix of folders on their way out; no volume's name can begin with a dot. */
const REMOVING = '.removing-';

/** Volumes that pass all filters. */
export function selected(store: VolumeStore, filters: Filters): VolumeRecord[] {
  const isUsed = (name: string): boolean => store.usage.containersOfVolume(name).length > 0;
  const tests = volumeTests(filters, isUsed);
  return store.records.all().filter((volume) => tests.every((test) => test(volume)));
}

/** Brings rows and folders together, and goes on with what was being removed. */
export async function recover(store: VolumeStore): Promise<void> {
  await mkdir(store.folder, { recursive: true, mode: 0o700 });
  const names = await readdir(store.folder);
  for (const { name } of store.records.all()) if (!names.includes(name)) store.records.delete(name);
  const leftovers = names.filter((name) => name.startsWith(REMOVING)).map((name) => join(store.folder, name));
  void removeLater(store, leftovers);
}

/** No start waits for it; what is not done when the engine ends, the next start finds again. */
async function removeLater({ context, fs }: VolumeStore, paths: readonly string[]): Promise<void> {
  try {
    await fs.remove(paths, { signal: context.signal });
  } catch (error) {
    if (!context.signal.aborted) context.log.warn('leftovers of volumes were not removed', { error });
  }
}

/** Throws engine/conflict while containers use it; with `force` one that is not there is no failure. */
export async function removeVolume(store: VolumeStore, name: string, force: boolean): Promise<void> {
  if (force && store.records.get(name) === undefined) return;
  existing(store, name);
  const users = await removeUnused(store, name);
  if (users.length > 0) {
    throw new GantryError('engine/conflict', `remove ${name}: volume is in use - [${users.join(', ')}]`);
  }
}

/** Removes a volume unless containers use it; gives those. */
export async function removeUnused(store: VolumeStore, name: string): Promise<readonly string[]> {
  return await store.lock.run(name, async () => {
    const users = store.usage.containersOfVolume(name);
    if (users.length > 0 || store.records.get(name) === undefined) return users;
    if (store.held.has(name)) return ['a container that is being created'];
    const away = join(store.folder, `${REMOVING}${randomBytes(8).toString('hex')}`);
    // what was mounted there is somebody else's data
    await unmountVolume(dataFolder(store, name));
    // first the folder, then the row: a crash between them leaves a row without a folder, which is dropped at start
    await rename(join(store.folder, name), away);
    store.records.delete(name);
    announce(store, 'destroy', name);
    await store.fs.remove([away], {});
    return [];
  });
}

/** Anonymous volumes only, unless `all=true` (API 1.42). */
export async function pruneVolumes(
  store: VolumeStore,
  filters: Filters,
): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }> {
  const all = allFilter(filters);
  const rest = new Map([...filters].filter(([key]) => key !== 'all'));
  const VolumesDeleted: string[] = [];
  let SpaceReclaimed = 0;
  for (const { name, labels, options } of selected(store, rest)) {
    const isCandidate = all || labels[ANONYMOUS_LABEL] !== undefined;
    if (!isCandidate || store.usage.containersOfVolume(name).length > 0) continue;
    const size = options === null ? await store.fs.size(dataFolder(store, name), {}) : 0;
    if ((await removeUnused(store, name)).length > 0) continue;
    VolumesDeleted.push(name);
    SpaceReclaimed += size;
  }
  const reclaimed = String(SpaceReclaimed);
  store.context.events.emit('volume', 'prune', { id: '', attributes: { reclaimed } });
  return { VolumesDeleted, SpaceReclaimed };
}
