// The rows of volumes, what a valid name and valid options are. Touches no file.
import { GantryError } from '../../base/error.ts';
import type { Database } from '../state/database.ts';

/** A volume as it is stored. */
export interface VolumeRecord {
  readonly name: string;
  readonly createdAt: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Options of the local driver as given: `type`, `o`, `device`. */
  readonly options: Readonly<Record<string, string>> | null;
}

/** The label docker puts on volumes that were made without a name. */
export const ANONYMOUS_LABEL = 'com.docker.volume.anonymous';

/** The only driver there is. */
export const DRIVER = 'local';

/** Reads and changes of the table. */
export interface VolumeRecords {
  get(name: string): VolumeRecord | undefined;
  all(): VolumeRecord[];
  put(volume: VolumeRecord): void;
  delete(name: string): void;
}

/** The table in a database; changes are on disk before they return. */
export function volumeRecords(db: Database): VolumeRecords {
  const parse = (json: unknown): VolumeRecord => JSON.parse(String(json)) as VolumeRecord;
  return {
    get: (name) => {
      const row = db.get('SELECT json FROM volumes WHERE name = ?', name);
      return row === undefined ? undefined : parse(row['json']);
    },
    all: () => db.all('SELECT json FROM volumes ORDER BY name').map((row) => parse(row['json'])),
    put: (volume) =>
      db.transaction(
        () => db.run('INSERT INTO volumes (name, json) VALUES (?, ?)', volume.name, JSON.stringify(volume)),
        true,
      ),
    delete: (name) => db.transaction(() => db.run('DELETE FROM volumes WHERE name = ?', name), true),
  };
}

/** Throws engine/bad-parameter for a name that is none; names become folders, so nothing else may pass. */
export function checkVolumeName(name: string): void {
  if (name.length === 1) {
    throw new GantryError(
      'engine/bad-parameter',
      `create ${name}: volume name is too short, names should be at least two alphanumeric characters`,
    );
  }
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}$/.test(name)) return;
  throw new GantryError(
    'engine/bad-parameter',
    `create ${name}: ${JSON.stringify(name)} includes invalid characters for a local volume name, only ` +
      '"[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path',
  );
}

/** Which options need which others. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  device: ['type'],
  type: ['device'],
  o: ['device', 'type'],
};

/** Throws for options that are unknown, not complete, or ask for what this driver can't do. */
export function checkVolumeOptions(name: string, options: Readonly<Record<string, string>>): void {
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(NEEDED, key));
  if (unknown !== undefined) throw bad(name, `invalid option: ${JSON.stringify(unknown)}`);
  const missing = Object.keys(options)
    .flatMap((key) => NEEDED[key] ?? [])
    .find((key) => !Object.hasOwn(options, key));
  if (missing !== undefined) throw bad(name, `missing required option: ${JSON.stringify(missing)}`);
  if (Object.keys(options).length > 0 && isFolderOfHost(options)) checkBind(name, options);
}

/** True for options that name a folder of this host (`o=bind`): it is used itself, nothing is mounted beside. */
export function isFolderOfHost({ o = '' }: Readonly<Record<string, string>>): boolean {
  return o.split(',').some((flag) => flag === 'bind' || flag === 'rbind');
}

function checkBind(name: string, { o = '', device = '' }: Readonly<Record<string, string>>): void {
  const extra = o.split(',').find((flag) => !['', 'bind', 'rbind', 'rw'].includes(flag));
  if (extra !== undefined) {
    throw new GantryError(
      'engine/not-implemented',
      `create ${name}: the mount option ${JSON.stringify(extra)} is not supported`,
    );
  }
  if (!device.startsWith('/') || device.split('/').includes('..')) {
    throw bad(name, `the device of a bind must be an absolute path: ${JSON.stringify(device)}`);
  }
}

function bad(name: string, message: string): GantryError {
  return new GantryError('engine/bad-parameter', `create ${name}: ${message}`);
}
