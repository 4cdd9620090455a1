// Block I/O of a container, in the lists of Docker's API.
import type { BlkioEntry, BlkioList, BlkioStats } from '../../../api/stats.ts';
import type { HostFacts } from '../../shim/host-facts.ts';
import { cgroupVersion, controllerDir } from '../../shim/cgroup-layout.ts';
import { textOf } from './files.ts';

/** Files of version 1 by list: the first that is there counts. */
const FILES: Readonly<Record<BlkioList, readonly string[]>> = {
  io_service_bytes_recursive: ['bfq.io_service_bytes_recursive', 'throttle.io_service_bytes_recursive'],
  io_serviced_recursive: ['bfq.io_serviced_recursive', 'throttle.io_serviced_recursive'],
  io_queue_recursive: ['bfq.io_queued_recursive'],
  io_service_time_recursive: ['bfq.io_service_time_recursive'],
  io_wait_time_recursive: ['bfq.io_wait_time_recursive'],
  io_merged_recursive: ['bfq.io_merged_recursive'],
  io_time_recursive: ['bfq.time_recursive'],
  sectors_recursive: ['bfq.sectors_recursive'],
};

/** No sample, and what version 2 has not. */
export const NO_BLKIO = Object.fromEntries(Object.keys(FILES).map((list) => [list, null])) as BlkioStats;

/** The sample of a cgroup path. */
export async function blkioStats({ cgroups }: HostFacts, cgroup: string): Promise<BlkioStats> {
  if (cgroupVersion(cgroups) === 2) {
    const text = await textOf(controllerDir(cgroups, 'io', cgroup), 'io.stat');
    return { ...NO_BLKIO, io_service_bytes_recursive: parseIoStat(text) };
  }
  const folder = controllerDir(cgroups, 'blkio', cgroup);
  const lists = Object.entries(FILES).map(async ([list, files]) => [list, await firstFile(folder, files)] as const);
  return Object.fromEntries(await Promise.all(lists)) as BlkioStats;
}

async function firstFile(folder: string, files: readonly string[]): Promise<readonly BlkioEntry[]> {
  for (const file of files) {
    const entries = parseBlkio(await textOf(folder, `blkio.${file}`));
    if (entries.length > 0) return entries;
  }
  return [];
}

/** Lines `MAJOR:MINOR OP VALUE` or `MAJOR:MINOR VALUE`; the sum over all devices has no numbers and is left out. */
export function parseBlkio(text: string): readonly BlkioEntry[] {
  return text.split('\n').flatMap((line) => {
    const [, major, minor, op = '', value] = /^(\d+):(\d+) (?:([A-Za-z]+) )?(\d+)$/.exec(line) ?? [];
    return value === undefined ? [] : [{ major: Number(major), minor: Number(minor), op, value: Number(value) }];
  });
}

/** Lines `MAJOR:MINOR rbytes=N wbytes=N …`. */
export function parseIoStat(text: string): readonly BlkioEntry[] {
  return text.split('\n').flatMap((line) => {
    const [, major, minor, rest = ''] = /^(\d+):(\d+) (.*)$/.exec(line) ?? [];
    const entry = (op: string, key: string): BlkioEntry[] => {
      const value = new RegExp(`\\b${key}=(\\d+)`).exec(rest)?.[1];
      return value === undefined ? [] : [{ major: Number(major), minor: Number(minor), op, value: Number(value) }];
    };
    return [...entry('read', 'rbytes'), ...entry('write', 'wbytes')];
  });
}
