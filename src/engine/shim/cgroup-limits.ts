// The files of a container's limits and what is written into them, for both versions (rules and formulas: Docker's,
// runc's). Used for launch plans and for updates of a running container.
import type { Resources } from '../../api/containers.ts';
import { ioWrites } from './cgroup-io.ts';
import { controllerDir, type CgroupLayout } from './cgroup-layout.ts';
import { writer, type CgroupWrite, type Controller } from './cgroup-write.ts';

/** Kernel default of the period that quotas are for, µs. */
const DEFAULT_PERIOD = 100_000;

/** The writes that make `resources` true in the cgroup at `path`. */
export function cgroupWrites(layout: CgroupLayout, path: string, resources: Resources): readonly CgroupWrite[] {
  const at = (controller: string): Controller => {
    const dir = controllerDir(layout, controller, path);
    return { dir, v1: layout.v1.some((hierarchy) => hierarchy.controllers.includes(controller)) };
  };
  const groups: readonly (readonly CgroupWrite[])[] = [
    cpusetWrites(at('cpuset'), resources),
    cpuWrites(at('cpu'), resources),
    memoryWrites(at('memory'), resources),
    pidsWrites(at('pids'), resources),
    ioWrites(at('blkio').dir === '' ? at('io') : at('blkio'), resources),
  ];
  return groups.flat();
}

function cpusetWrites({ dir }: Controller, resources: Resources): CgroupWrite[] {
  const write = writer(dir);
  return [
    ...(resources.CpusetCpus ? write('cpuset.cpus', resources.CpusetCpus) : []),
    ...(resources.CpusetMems ? write('cpuset.mems', resources.CpusetMems) : []),
  ];
}

function cpuWrites({ dir, v1 }: Controller, resources: Resources): CgroupWrite[] {
  const write = writer(dir);
  const shares = resources.CpuShares ?? 0;
  const weight =
    shares === 0 ? [] : v1 ? write('cpu.shares', String(shares)) : write('cpu.weight', String(cpuWeight(shares)));
  const limit = cpuLimit(resources);
  if (limit === undefined) return weight;
  const quota = limit.quota <= 0 ? -1 : limit.quota;
  if (!v1) return [...weight, ...write('cpu.max', `${quota < 0 ? 'max' : quota} ${limit.period}`)];
  return [...weight, ...write('cpu.cfs_period_us', String(limit.period)), ...write('cpu.cfs_quota_us', String(quota))];
}

function cpuLimit(resources: Resources): { period: number; quota: number } | undefined {
  const nano = resources.NanoCpus ?? 0;
  if (nano > 0) return { period: DEFAULT_PERIOD, quota: Math.round((nano * DEFAULT_PERIOD) / 1e9) };
  const quota = resources.CpuQuota ?? 0;
  const period = resources.CpuPeriod ?? 0;
  if (quota === 0 && period === 0) return undefined;
  return { period: period === 0 ? DEFAULT_PERIOD : period, quota };
}

/** Version 2 weight of version 1 shares: 2 → 1, 1024 → 100, 262144 → 10000 (runc ≥ 1.3.2, crun). */
export function cpuWeight(shares: number): number {
  if (shares <= 2) return 1;
  if (shares >= 262_144) return 10_000;
  const exponent = Math.log2(shares);
  return Math.ceil(10 ** ((exponent ** 2 + 125 * exponent) / 612 - 7 / 34));
}

function memoryWrites({ dir, v1 }: Controller, resources: Resources): CgroupWrite[] {
  const limits = {
    limit: resources.Memory ?? 0,
    reservation: resources.MemoryReservation ?? 0,
    swap: swapLimit(resources.Memory ?? 0, resources.MemorySwap ?? 0),
  };
  return v1 ? memoryWrites1(dir, limits, resources) : memoryWrites2(dir, limits);
}

interface MemoryLimits {
  readonly limit: number;
  readonly reservation: number;
  /** Memory and swap together. */
  readonly swap: number;
}

function memoryWrites2(dir: string, { limit, swap, reservation }: MemoryLimits): CgroupWrite[] {
  const write = writer(dir);
  return [
    ...(limit === 0 ? [] : write('memory.max', limit < 0 ? 'max' : String(limit))),
    ...(swap === 0 ? [] : write('memory.swap.max', swap < 0 ? 'max' : String(swap - limit), true)),
    ...(reservation === 0 ? [] : write('memory.low', String(reservation))),
  ];
}

function memoryWrites1(dir: string, { limit, swap, reservation }: MemoryLimits, resources: Resources): CgroupWrite[] {
  const write = writer(dir);
  const swappiness = resources.MemorySwappiness ?? -1;
  return [
    ...(limit === 0 ? [] : write('memory.limit_in_bytes', String(limit))),
    ...(swap === 0 ? [] : write('memory.memsw.limit_in_bytes', String(swap), true)),
    ...(reservation === 0 ? [] : write('memory.soft_limit_in_bytes', String(reservation))),
    ...(swappiness < 0 ? [] : write('memory.swappiness', String(swappiness))),
    ...(resources.OomKillDisable === true ? write('memory.oom_control', '1') : []),
  ];
}

/** Memory and swap together; twice the memory when only that is limited. */
function swapLimit(limit: number, swap: number): number {
  return swap === 0 && limit > 0 ? limit * 2 : swap;
}

function pidsWrites({ dir }: Controller, resources: Resources): CgroupWrite[] {
  const limit = resources.PidsLimit ?? 0;
  return limit === 0 ? [] : writer(dir)('pids.max', limit < 0 ? 'max' : String(limit));
}
