// Devices of the host that a container is given: those it names, or all of them when it is privileged.
import { lstatSync, readdirSync, statSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import type { HostConfig } from '../../../api/containers.ts';
import { GantryError } from '../../../base/error.ts';
import { deviceNumber } from '../../shim/device-number.ts';
import type { PlanDevice } from '../../shim/plan/input.ts';

/** Below /dev and not a device of the host in a container: its own terminals, memory and queues. */
const OWN = new Set(['pts', 'shm', 'mqueue', 'fd', 'console', 'stdin', 'stdout', 'stderr', 'ptmx', 'core']);

/** The devices. Throws engine/bad-parameter for a path that is none. */
export function hostDevices(host: HostConfig): readonly PlanDevice[] {
  const named = (host.Devices ?? []).flatMap(({ PathOnHost, PathInContainer, CgroupPermissions }) => {
    const stats = statSync(PathOnHost, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined)
      throw new GantryError(
        'engine/bad-parameter',
        `error gathering device information while adding custom device "${PathOnHost}": no such file or directory`,
      );
    const target = PathInContainer || PathOnHost;
    const access = CgroupPermissions || 'rwm';
    if (stats.isDirectory()) return below(PathOnHost, target, access);
    const device = toDevice(stats, target, access);
    if (device === undefined)
      throw new GantryError(
        'engine/bad-parameter',
        `error gathering device information while adding custom device "${PathOnHost}": not a device node`,
      );
    return [device];
  });
  return host.Privileged === true ? [...below('/dev', '/dev', 'rwm'), ...named] : named;
}

function below(folder: string, target: string, access: string): PlanDevice[] {
  return readdirSync(folder).flatMap((name): PlanDevice[] => {
    if (folder === '/dev' && OWN.has(name)) return [];
    const stats = lstatSync(join(folder, name), { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return [];
    if (stats.isDirectory()) return below(join(folder, name), join(target, name), access);
    const device = toDevice(stats, join(target, name), access);
    return device === undefined ? [] : [device];
  });
}

function toDevice(stats: BigIntStats, path: string, access: string): PlanDevice | undefined {
  if (!stats.isBlockDevice() && !stats.isCharacterDevice()) return undefined;
  return {
    path,
    type: stats.isBlockDevice() ? 'b' : 'c',
    ...deviceNumber(stats.rdev),
    mode: Number(stats.mode & 0o777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    access,
  };
}
