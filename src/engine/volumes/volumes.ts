// The volumes area: folders under the data root that outlive containers. A volume's row and its folder come and go
// together; a crash in between is mended at start, and data without a removal order is never touched.
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Volume } from '../../api/objects.ts';
import { GantryError } from '../../base/error.ts';
import { KeyedMutex } from '../../base/semaphore.ts';
import { gantryFs, type GantryFs } from '../gantry-fs.ts';
import { volumeRoutes } from '../http/routes/volumes.ts';
import { createPins, type Pins } from '../pins.ts';
import type {
  Area,
  EngineContext,
  UsageService,
  VolumeHold,
  VolumeRef,
  VolumeService,
  VolumeUse,
} from '../services.ts';
import { mountVolume, needsMount, unmountVolume } from './mounts.ts';
import { allFilter, volumeTests, type Filters } from './filter.ts';
import {
  ANONYMOUS_LABEL,
  checkVolumeName,
  checkVolumeOptions,
  DRIVER,
  volumeRecords,
  type VolumeRecord,
  type VolumeRecords,
} from './record.ts';

/** What POST /volumes/create asks for. */
export interface NewVolume {
  /** "" for an anonymous one. */
  readonly name: string;
  readonly driver?: string | undefined;
  readonly driverOpts?: Readonly<Record<string, string>> | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

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

interface Store {
  readonly context: EngineContext;
  readonly usage: UsageService;
  readonly fs: GantryFs;
  readonly records: VolumeRecords;
  readonly folder: string;
  readonly lock: KeyedMutex;
  /** Volumes of containers that are being made. */
  readonly held: Pins;
}

/** Prefix of folders on their way out; no volume's name can begin with a dot. */
const REMOVING = '.removing-';

/** Makes the volumes area; its service can be used once `restore` has run. */
export function createVolumes(
  context: EngineContext,
  deps: VolumesDeps,
): { readonly volumes: Volumes; readonly area: Area } {
  const store: Store = {
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

function volumesOf(store: Store): Volumes {
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

/** A volume is held before it is looked for, so that a removal at the same time comes before or waits for its end. */
function holdOf(store: Store): VolumeHold {
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
async function mountFor(store: Store, name: string, use: VolumeUse): Promise<void> {
  const volume = store.records.get(name);
  if (volume !== undefined && needsMount(volume)) {
    const folder = join(store.folder, name, '_data');
    await store.lock.run(name, async () => mountVolume(volume, folder, store.context.signal));
  }
  announce(store, 'mount', name, {
    container: use.container,
    destination: use.destination,
    propagation: use.propagation,
    'read/write': String(use.writable),
  });
}

async function unmountOf(store: Store, name: string, container: string): Promise<void> {
  announce(store, 'unmount', name, { container });
  const volume = store.records.get(name);
  if (volume === undefined || !needsMount(volume)) return;
  await store.lock.run(name, async () => {
    const others = store.usage.containersOfVolume(name, { runningOnly: true }).filter((id) => id !== container);
    if (others.length === 0) await unmountVolume(join(store.folder, name, '_data'));
  });
}

async function recover(store: Store): Promise<void> {
  await mkdir(store.folder, { recursive: true, mode: 0o700 });
  const names = await readdir(store.folder);
  for (const { name } of store.records.all()) if (!names.includes(name)) store.records.delete(name);
  const leftovers = names.filter((name) => name.startsWith(REMOVING)).map((name) => join(store.folder, name));
  void removeLater(store, leftovers);
}

/** No start waits for it; what is not done when the engine ends, the next start finds again. */
async function removeLater({ context, fs }: Store, paths: readonly string[]): Promise<void> {
  try {
    await fs.remove(paths, { signal: context.signal });
  } catch (error) {
    if (!context.signal.aborted) context.log.warn('leftovers of volumes were not removed', { error });
  }
}

async function createVolume(store: Store, wanted: NewVolume): Promise<VolumeRecord> {
  const isAnonymous = wanted.name === '';
  const name = isAnonymous ? randomBytes(32).toString('hex') : wanted.name;
  const labels = isAnonymous ? { ...wanted.labels, [ANONYMOUS_LABEL]: '' } : (wanted.labels ?? {});
  checkVolumeName(name);
  const driver = wanted.driver ?? '';
  if (driver !== '' && driver !== DRIVER) {
    throw new GantryError(
      'engine/not-found',
      `create ${name}: error looking up volume plugin ${driver}: plugin ${JSON.stringify(driver)} not found`,
    );
  }
  const options = wanted.driverOpts ?? {};
  checkVolumeOptions(name, options);
  return await store.lock.run(
    name,
    async () => store.records.get(name) ?? (await make(store, { ...wanted, name, labels })),
  );
}

async function make(store: Store, wanted: NewVolume): Promise<VolumeRecord> {
  const { name, labels = {}, driverOpts } = wanted;
  await mkdir(join(store.folder, name, '_data'), { recursive: true, mode: 0o755 });
  const volume: VolumeRecord = {
    name,
    createdAt: new Date().toISOString(),
    labels,
    options: driverOpts === undefined || Object.keys(driverOpts).length === 0 ? null : driverOpts,
  };
  store.records.put(volume);
  announce(store, 'create', name);
  return volume;
}

/** A volume that stands for a folder of the host is mounted from there. */
async function refOf(store: Store, volume: VolumeRecord): Promise<VolumeRef> {
  const device = needsMount(volume) ? undefined : volume.options?.['device'];
  if (device !== undefined && !(await isFolder(device))) {
    throw new GantryError(
      'engine/bad-parameter',
      `failed to mount local volume ${volume.name}: ${device}: no such file or directory`,
      { hint: `mkdir -p ${device}` },
    );
  }
  return { name: volume.name, driver: DRIVER, mountpoint: device ?? join(store.folder, volume.name, '_data') };
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function existing(store: Store, name: string): VolumeRecord {
  const volume = store.records.get(name);
  if (volume === undefined) throw new GantryError('engine/not-found', `get ${name}: no such volume`);
  return volume;
}

function answerOf(store: Store, volume: VolumeRecord): Volume {
  return {
    CreatedAt: volume.createdAt,
    Driver: DRIVER,
    Labels: Object.keys(volume.labels).length === 0 ? null : volume.labels,
    Mountpoint: join(store.folder, volume.name, '_data'),
    Name: volume.name,
    Options: volume.options,
    Scope: 'local',
  };
}

function selected(store: Store, filters: Filters): VolumeRecord[] {
  const isUsed = (name: string): boolean => store.usage.containersOfVolume(name).length > 0;
  const tests = volumeTests(filters, isUsed);
  return store.records.all().filter((volume) => tests.every((test) => test(volume)));
}

async function removeVolume(store: Store, name: string, force: boolean): Promise<void> {
  if (force && store.records.get(name) === undefined) return;
  existing(store, name);
  const users = await removeUnused(store, name);
  if (users.length > 0) {
    throw new GantryError('engine/conflict', `remove ${name}: volume is in use - [${users.join(', ')}]`);
  }
}

/** Removes a volume unless containers use it; gives those. */
async function removeUnused(store: Store, name: string): Promise<readonly string[]> {
  return await store.lock.run(name, async () => {
    const users = store.usage.containersOfVolume(name);
    if (users.length > 0 || store.records.get(name) === undefined) return users;
    if (store.held.has(name)) return ['a container that is being created'];
    const away = join(store.folder, `${REMOVING}${randomBytes(8).toString('hex')}`);
    // what was mounted there is somebody else's data
    await unmountVolume(join(store.folder, name, '_data'));
    // first the folder, then the row: a crash between them leaves a row without a folder, which is dropped at start
    await rename(join(store.folder, name), away);
    store.records.delete(name);
    await store.fs.remove([away], {});
    announce(store, 'destroy', name);
    return [];
  });
}

/** Anonymous volumes only, unless `all=true` (API 1.42). */
async function pruneVolumes(
  store: Store,
  filters: Filters,
): Promise<{ VolumesDeleted: string[]; SpaceReclaimed: number }> {
  const all = allFilter(filters);
  const rest = new Map([...filters].filter(([key]) => key !== 'all'));
  const VolumesDeleted: string[] = [];
  let SpaceReclaimed = 0;
  for (const { name, labels, options } of selected(store, rest)) {
    const isCandidate = all || labels[ANONYMOUS_LABEL] !== undefined;
    if (!isCandidate || store.usage.containersOfVolume(name).length > 0) continue;
    const size = options === null ? await store.fs.size(join(store.folder, name, '_data'), {}) : 0;
    if ((await removeUnused(store, name)).length > 0) continue;
    VolumesDeleted.push(name);
    SpaceReclaimed += size;
  }
  const reclaimed = String(SpaceReclaimed);
  store.context.events.emit('volume', 'prune', { id: '', attributes: { reclaimed } });
  return { VolumesDeleted, SpaceReclaimed };
}

function announce(store: Store, action: string, name: string, more: Readonly<Record<string, string>> = {}): void {
  store.context.events.emit('volume', action, { id: name, attributes: { ...more, driver: DRIVER } });
}
