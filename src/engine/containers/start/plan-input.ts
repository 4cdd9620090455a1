// Collects what a launch plan is made from: the record, its files, the namespaces and devices it names.
import { mkdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GantryError } from '../../../base/error.ts';
import { makeCgroupPath } from '../../shim/cgroup-root.ts';
import type { PlanInput, PlanJoin, PlanMount } from '../../shim/plan/input.ts';
import { cgroupOf, pathsOf, type Containers } from '../context.ts';
import type { Container } from '../container.ts';
import { initLayer } from '../init-layer.ts';
import { isAlive, type MountRecord } from '../record.ts';
import { checkLinks, defaultLinks } from './default-links.ts';
import { writeEtcFiles } from './etc-files.ts';
import { hostDevices } from './host-devices.ts';

/** The input of a container's plan; writes its files in /etc. `network` are the driver's records. */
export function planInput(containers: Containers, container: Container, network: readonly Buffer[]): PlanInput {
  const { record } = container;
  const paths = pathsOf(containers, record.id);
  const cgroup = cgroupOf(containers, container);
  checkLinks(containers, record);
  // the engine's own parent stands; another one may not
  if (record.host.CgroupParent) makeCgroupPath(containers.facts.cgroups, dirname(cgroup));
  return {
    id: record.id,
    config: record.config,
    host: record.host,
    facts: containers.facts,
    layers: [initLayer(containers.engine.paths.data), ...record.layers],
    upper: paths.upper,
    work: paths.work,
    mounts: record.mounts.map(planMount),
    etc: writeEtcFiles(containers, record),
    devices: hostDevices(record.host),
    joins: joinsOf(containers, container),
    cgroup,
    sharedShm: sharedShm(containers, container),
    network,
    logPath: record.host.LogConfig?.Type === 'none' ? '' : paths.log,
    linkEnv: defaultLinks(containers, record).env,
  };
}

function planMount(mount: MountRecord): PlanMount {
  const isBind = mount.Type !== 'tmpfs';
  const stats = isBind ? statSync(mount.Source, { throwIfNoEntry: false }) : undefined;
  if (isBind && stats === undefined) throw missingSource(mount);
  return {
    type: mount.Type,
    source: mount.Source,
    target: mount.Destination,
    readonly: !mount.RW,
    propagation: mount.Propagation,
    copyUp: mount.copyUp && mount.Type === 'volume',
    recursive: mount.recursive,
    readonlyRecursive: mount.readonlyRecursive,
    isFile: stats?.isDirectory() === false,
    options: mount.options,
  };
}

function missingSource({ Source, Type }: MountRecord): GantryError {
  return new GantryError(
    'engine/bad-parameter',
    `invalid mount config for type "${Type}": bind source path does not exist: ${Source}`,
  );
}

/** Namespaces of other containers, which have to run. */
function joinsOf(containers: Containers, { record }: Container): readonly PlanJoin[] {
  const modes = [
    ['net', record.host.NetworkMode],
    ['pid', record.host.PidMode],
    ['ipc', record.host.IpcMode],
  ] as const;
  return modes.flatMap(([kind, mode]): PlanJoin[] => {
    if (mode?.startsWith('container:') !== true) return [];
    const other = containers.store.find(mode.slice('container:'.length)).record;
    if (!isAlive(other))
      throw new GantryError('engine/conflict', `cannot join ${WORDS[kind]} of a non running container: ${other.id}`);
    return [{ kind, path: `/proc/${other.state.pid}/ns/${kind}` }];
  });
}

const WORDS = { net: 'network', pid: 'PID', ipc: 'IPC' } as const;

/** A folder others can join: its size is the run folder's, since only a mount of the container's own has one. */
function sharedShm({ engine }: Containers, { record }: Container): string {
  const mode = record.host.IpcMode ?? '';
  const owner = mode.startsWith('container:') ? mode.slice('container:'.length) : mode === 'shareable' ? record.id : '';
  if (owner === '') return '';
  const folder = join(engine.paths.run, 'shm', owner);
  mkdirSync(folder, { recursive: true, mode: 0o1777 });
  return folder;
}
