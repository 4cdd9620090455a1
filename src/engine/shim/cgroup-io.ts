// Limits of disks: the weight against other containers, and rates for single disks.
import { statSync } from 'node:fs';
import type { Maybe, Resources, ThrottleDevice } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import { writer, type CgroupWrite, type Controller } from './cgroup-write.ts';
import { deviceNumber } from './device-number.ts';

/** The writes of what is asked of disks. Throws engine/bad-parameter for what is no disk. */
export function ioWrites(controller: Controller, resources: Resources): CgroupWrite[] {
  return [...weightWrites(controller, resources.BlkioWeight ?? 0), ...rateWrites(controller, resources)];
}

function weightWrites({ dir, v1 }: Controller, weight: number): CgroupWrite[] {
  if (weight === 0) return [];
  const write = writer(dir);
  if (v1) return [...write('blkio.weight', String(weight), true), ...write('blkio.bfq.weight', String(weight), true)];
  const linear = Math.floor(1 + ((weight - 10) * 9999) / 990);
  return [...write('io.bfq.weight', String(weight), true), ...write('io.weight', `default ${linear}`, true)];
}

/** Files of version 1, keys of `io.max` of version 2. */
const RATES = [
  ['BlkioDeviceReadBps', 'blkio.throttle.read_bps_device', 'rbps'],
  ['BlkioDeviceWriteBps', 'blkio.throttle.write_bps_device', 'wbps'],
  ['BlkioDeviceReadIOps', 'blkio.throttle.read_iops_device', 'riops'],
  ['BlkioDeviceWriteIOps', 'blkio.throttle.write_iops_device', 'wiops'],
] as const;

function rateWrites({ dir, v1 }: Controller, resources: Resources): CgroupWrite[] {
  const write = writer(dir);
  return RATES.flatMap(([field, file, key]) =>
    limitsOf(resources[field]).flatMap(({ Path, Rate }) =>
      v1 ? write(file, `${numbers(Path)} ${Rate}`) : write('io.max', `${numbers(Path)} ${key}=${Rate}`),
    ),
  );
}

const limitsOf = (list: Maybe<readonly ThrottleDevice[]>): readonly ThrottleDevice[] => list ?? [];

/** `MAJOR:MINOR` of a disk. */
function numbers(path: string): string {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (stats === undefined) throw new GantryError('engine/bad-parameter', `no such device: ${path}`);
  if (!stats.isBlockDevice()) throw new GantryError('engine/bad-parameter', `${path} is no block device`);
  const { major, minor } = deviceNumber(stats.rdev);
  return `${major}:${minor}`;
}
