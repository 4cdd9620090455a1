// What every command of the volumes area works with, and how a volume comes to be.
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '../../base/error.ts';
import type { KeyedMutex } from '../../base/semaphore.ts';
import type { GantryFs } from '../gantry-fs.ts';
import type { Pins } from '../pins.ts';
import type { EngineContext, UsageService } from '../services.ts';
import {
  ANONYMOUS_LABEL,
  checkVolumeName,
  checkVolumeOptions,
  DRIVER,
  type VolumeRecord,
  type VolumeRecords,
} from './record.ts';

/** The area's surroundings. */
export interface VolumeStore {
  readonly context: EngineContext;
  readonly usage: UsageService;
  readonly fs: GantryFs;
  readonly records: VolumeRecords;
  readonly folder: string;
  readonly lock: KeyedMutex;
  /** Volumes of containers that are being made. */
  readonly held: Pins;
}

/** What POST /volumes/create asks for. */
export interface NewVolume {
  /** "" for an anonymous one. */
  readonly name: string;
  readonly driver?: string | undefined;
  readonly driverOpts?: Readonly<Record<string, string>> | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

/** The folder with a volume's files. */
export function dataFolder({ folder }: VolumeStore, name: string): string {
  return join(folder, name, '_data');
}

/** Throws engine/not-found. */
export function existing(store: VolumeStore, name: string): VolumeRecord {
  const volume = store.records.get(name);
  if (volume === undefined) throw new GantryError('engine/not-found', `get ${name}: no such volume`);
  return volume;
}

/** Makes a volume, or gives the one of that name. Throws engine/not-found for a driver and engine/bad-parameter. */
export async function createVolume(store: VolumeStore, wanted: NewVolume): Promise<VolumeRecord> {
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

async function make(store: VolumeStore, wanted: NewVolume): Promise<VolumeRecord> {
  const { name, labels = {}, driverOpts } = wanted;
  await mkdir(dataFolder(store, name), { recursive: true, mode: 0o755 });
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

/** Tells of what happened to a volume. */
export function announce(
  store: VolumeStore,
  action: string,
  name: string,
  more: Readonly<Record<string, string>> = {},
): void {
  store.context.events.emit('volume', action, { id: name, attributes: { ...more, driver: DRIVER } });
}
