// Memory and processes of a container.
import type { ContainerStats, MemoryStats } from '../../../api/stats.ts';
import type { HostFacts } from '../../shim/host-facts.ts';
import { cgroupVersion, controllerDir } from '../../shim/cgroup-layout.ts';
import { numberOf, numbersOf } from './files.ts';

/** The sample of a cgroup path. Without a limit the machine's memory is the limit. */
export async function memoryStats(facts: HostFacts, cgroup: string): Promise<MemoryStats> {
  const folder = controllerDir(facts.cgroups, 'memory', cgroup);
  return await (cgroupVersion(facts.cgroups) === 2 ? versionTwo(folder, facts) : versionOne(folder, facts));
}

/** How many processes there are and may be. */
export async function pidsStats({ cgroups }: HostFacts, cgroup: string): Promise<ContainerStats['pids_stats']> {
  const folder = controllerDir(cgroups, 'pids', cgroup);
  const [current = 0, limit = 0] = await Promise.all([numberOf(folder, 'pids.current'), numberOf(folder, 'pids.max')]);
  return { current, ...(limit > 0 ? { limit } : {}) };
}

async function versionOne(folder: string, { memory }: HostFacts): Promise<MemoryStats> {
  const [usage, most, failures, limit, stats] = await Promise.all([
    numberOf(folder, 'memory.usage_in_bytes'),
    numberOf(folder, 'memory.max_usage_in_bytes'),
    numberOf(folder, 'memory.failcnt'),
    numberOf(folder, 'memory.limit_in_bytes'),
    numbersOf(folder, 'memory.stat'),
  ]);
  return {
    usage: usage ?? 0,
    max_usage: most ?? 0,
    stats,
    ...(failures ? { failcnt: failures } : {}),
    limit: capped(limit, memory),
  };
}

async function versionTwo(folder: string, { memory }: HostFacts): Promise<MemoryStats> {
  const [usage, limit, stats, events] = await Promise.all([
    numberOf(folder, 'memory.current'),
    numberOf(folder, 'memory.max'),
    numbersOf(folder, 'memory.stat'),
    numbersOf(folder, 'memory.events'),
  ]);
  const failures = events['oom'] ?? 0;
  return {
    usage: usage ?? 0,
    stats,
    ...(failures > 0 ? { failcnt: failures } : {}),
    limit: capped(limit, memory),
  };
}

function capped(limit: number | undefined, memory: number): number {
  return limit === undefined || limit === 0 || limit > memory ? memory : limit;
}
