// Every mount of a container to be, from all the places a request and an image can ask for one. Volumes are made here.
import { statSync } from 'node:fs';
import { isAbsolute } from 'node:path';
import type { ContainerConfig, HostConfig, MountSpec } from '../../../api/containers.ts';
import { GantryError, messageOf } from '../../../base/error.ts';
import { makeFolder } from '../../../base/make-folder.ts';
import type { VolumeHold } from '../../services.ts';
import type { ContainerRecord, MountRecord } from '../record.ts';
import { cleanTarget, parseBind, type BindSpec } from './bind-spec.ts';

/** What mounts are resolved from. */
export interface MountSources {
  readonly config: ContainerConfig;
  readonly host: HostConfig;
  readonly volumes: VolumeHold;
  /** The record of a container by reference, for VolumesFrom. */
  readonly container: (reference: string) => ContainerRecord;
}

/** Resolves them: explicit ones first, then VolumesFrom (the last container of a place counts), then the image's volumes where nothing is mounted yet. */
export async function resolveMounts(sources: MountSources): Promise<readonly MountRecord[]> {
  const { host } = sources;
  const explicit: MountRecord[] = [];
  for (const text of host.Binds ?? []) explicit.push(await fromBind(parseBind(text), sources));
  for (const spec of host.Mounts ?? []) explicit.push(await fromSpec(spec, sources));
  for (const [target, options] of Object.entries(host.Tmpfs ?? {}))
    explicit.push(tmpfs(cleanTarget(target, target), options));
  checkDuplicates(explicit);
  const taken = new Set(explicit.map((mount) => mount.Destination));
  const borrowed = new Map(
    (host.VolumesFrom ?? [])
      .flatMap((entry) => fromContainer(entry, sources))
      .map((mount) => [mount.Destination, mount]),
  );
  const others = [...borrowed.values()].filter((mount) => !taken.has(mount.Destination));
  for (const mount of others) taken.add(mount.Destination);
  return [...explicit, ...others, ...(await anonymousVolumes(sources, taken))];
}

async function fromBind(bind: BindSpec, { volumes, host }: MountSources): Promise<MountRecord> {
  const common = { target: bind.target, readonly: bind.readonly, mode: bind.mode };
  if (bind.isVolume) {
    const volume = await volumes.ensure(bind.source, host.VolumeDriver ? { driver: host.VolumeDriver } : {});
    return volumeMount(volume, { ...common, copyUp: !bind.noCopy, anonymous: false });
  }
  makeSource(bind.source);
  return { ...bindMount(bind.source, common), Propagation: bind.propagation || 'rprivate' };
}

/** Docker makes the folder of a short bind when it is missing. */
function makeSource(source: string): void {
  if (isThere(source)) return;
  try {
    makeFolder(source);
  } catch (cause) {
    throw new GantryError(
      'engine/internal',
      `error while creating mount source path '${source}': ${messageOf(cause)}`,
      { cause },
    );
  }
}

function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false; // a part of the path is a file
  }
}

async function fromSpec(spec: MountSpec, sources: MountSources): Promise<MountRecord> {
  const refuse = (why: string): never => {
    throw new GantryError('engine/bad-parameter', `invalid mount config for type "${spec.Type}": ${why}`);
  };
  if (!spec.Target) refuse('field Target must not be empty');
  if (!isAbsolute(spec.Target)) refuse(`invalid mount path: '${spec.Target}' mount path must be absolute`);
  const target = cleanTarget(spec.Target, spec.Target);
  switch (spec.Type) {
    case 'bind':
      return bindFromSpec(spec, target, refuse);
    case 'volume':
      return await volumeFromSpec(spec, target, sources.volumes);
    case 'tmpfs':
      return { ...tmpfs(target, tmpfsText(spec)), RW: spec.ReadOnly !== true };
    default:
      return refuse('mount type unknown');
  }
}

function bindFromSpec(spec: MountSpec, target: string, refuse: (why: string) => never): MountRecord {
  const source = spec.Source ?? '';
  if (source === '') refuse('field Source must not be empty');
  if (!isAbsolute(source)) refuse(`invalid mount path: '${source}' mount path must be absolute`);
  if (!isThere(source) && spec.BindOptions?.CreateMountpoint !== true)
    refuse(`bind source path does not exist: ${source}`);
  makeSource(source);
  const options = spec.BindOptions ?? {};
  return {
    ...bindMount(source, { target, readonly: spec.ReadOnly === true, mode: '' }),
    Propagation: options.Propagation || 'rprivate',
    recursive: options.NonRecursive !== true,
    readonlyRecursive: options.ReadOnlyNonRecursive !== true,
  };
}

async function volumeFromSpec(spec: MountSpec, target: string, volumes: VolumeHold): Promise<MountRecord> {
  const options = spec.VolumeOptions ?? {};
  const volume = await volumes.ensure(spec.Source ?? '', {
    ...(options.Labels ? { labels: options.Labels } : {}),
    ...(options.DriverConfig?.Name ? { driver: options.DriverConfig.Name } : {}),
    ...(options.DriverConfig?.Options ? { driverOpts: options.DriverConfig.Options } : {}),
  });
  const common = { target, readonly: spec.ReadOnly === true, mode: 'z' };
  const subpath = options.Subpath ?? '';
  if (subpath.split('/').includes('..')) throw new GantryError('engine/bad-parameter', `invalid subpath: ${subpath}`);
  const mount = volumeMount(volume, {
    ...common,
    copyUp: options.NoCopy !== true && subpath === '',
    anonymous: !spec.Source,
  });
  return subpath === '' ? mount : { ...mount, Source: `${mount.Source}/${subpath}` };
}

function tmpfsText({ TmpfsOptions: options }: MountSpec): string {
  return [
    ...(options?.SizeBytes ? [`size=${options.SizeBytes}`] : []),
    ...(options?.Mode ? [`mode=${options.Mode.toString(8)}`] : []),
  ].join(',');
}

function fromContainer(entry: string, { container, volumes }: MountSources): readonly MountRecord[] {
  const [reference = '', mode = 'rw'] = entry.split(':');
  if (mode !== 'ro' && mode !== 'rw') throw new GantryError('engine/bad-parameter', `invalid mode: ${mode}`);
  const mounts = container(reference).mounts.filter((mount) => mount.Type !== 'tmpfs');
  for (const { Name } of mounts) if (Name !== undefined) volumes.keep(Name);
  return mounts.map((mount) => ({ ...mount, RW: mount.RW && mode !== 'ro', copyUp: false }));
}

async function anonymousVolumes({ config, volumes }: MountSources, taken: ReadonlySet<string>): Promise<MountRecord[]> {
  const made: MountRecord[] = [];
  for (const path of Object.keys(config.Volumes ?? {})) {
    const target = cleanTarget(path, path);
    if (taken.has(target)) continue;
    const volume = await volumes.ensure('', {});
    made.push(volumeMount(volume, { target, readonly: false, mode: '', copyUp: true, anonymous: true }));
  }
  return made;
}

interface Common {
  readonly target: string;
  readonly readonly: boolean;
  readonly mode: string;
}

function volumeMount(
  volume: { name: string; driver: string; mountpoint: string },
  options: Common & { copyUp: boolean; anonymous: boolean },
): MountRecord {
  return {
    ...base(options),
    Type: 'volume',
    Name: volume.name,
    Driver: volume.driver,
    Source: volume.mountpoint,
    Mode: options.mode === '' ? 'z' : options.mode,
    anonymous: options.anonymous,
    copyUp: options.copyUp,
  };
}

function bindMount(source: string, options: Common): MountRecord {
  return { ...base(options), Type: 'bind', Source: source, Propagation: 'rprivate' };
}

function tmpfs(target: string, options: string): MountRecord {
  return { ...base({ target, readonly: false, mode: options }), Type: 'tmpfs', options };
}

function base(options: Common): MountRecord {
  return {
    Type: 'bind',
    Source: '',
    Destination: options.target,
    Mode: options.mode,
    RW: !options.readonly,
    Propagation: '',
    anonymous: false,
    copyUp: false,
    recursive: true,
    readonlyRecursive: true,
    options: '',
  };
}

function checkDuplicates(mounts: readonly MountRecord[]): void {
  const seen = new Set<string>();
  for (const { Destination } of mounts) {
    if (seen.has(Destination)) throw new GantryError('engine/bad-parameter', `Duplicate mount point: ${Destination}`);
    seen.add(Destination);
  }
}
