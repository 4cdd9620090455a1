// CPU time of a container and of the whole machine.
import type { CpuStats } from '../../../api/stats.ts';
import type { HostFacts } from '../../shim/host-facts.ts';
import { cgroupVersion, controllerDir } from '../../shim/cgroup-layout.ts';
import { numberOf, numbersOf, textOf } from './files.ts';

/** Nanoseconds of a tick of /proc/stat and cpuacct.stat (USER_HZ is 100 on every Linux there is). */
const TICK = 1e7;
const MICRO = 1000;

/** No sample. */
export const NO_CPU: CpuStats = {
  cpu_usage: { total_usage: 0, usage_in_kernelmode: 0, usage_in_usermode: 0 },
  throttling_data: { periods: 0, throttled_periods: 0, throttled_time: 0 },
};

/** The sample of a cgroup path. */
export async function cpuStats(facts: HostFacts, cgroup: string): Promise<CpuStats> {
  const read = cgroupVersion(facts.cgroups) === 2 ? versionTwo : versionOne;
  const [own, machine] = await Promise.all([read(facts, cgroup), textOf('/proc', 'stat')]);
  return { ...own, system_cpu_usage: machineTime(machine), online_cpus: onlineCpus(machine) };
}

/** user, nice, system, idle, iowait, irq, softirq and steal; guest time is in user's already. */
export function machineTime(stat: string): number {
  const fields = /^cpu +(.*)$/m.exec(stat)?.[1]?.split(' ') ?? [];
  return fields.slice(0, 8).reduce((sum, ticks) => sum + Number(ticks) * TICK, 0);
}

function onlineCpus(stat: string): number {
  return stat.match(/^cpu\d+ /gm)?.length ?? 0;
}

async function versionOne({ cgroups }: HostFacts, cgroup: string): Promise<CpuStats> {
  const accounting = controllerDir(cgroups, 'cpuacct', cgroup);
  const [total, each, split, throttled] = await Promise.all([
    numberOf(accounting, 'cpuacct.usage'),
    textOf(accounting, 'cpuacct.usage_percpu'),
    numbersOf(accounting, 'cpuacct.stat'),
    numbersOf(controllerDir(cgroups, 'cpu', cgroup), 'cpu.stat'),
  ]);
  return {
    cpu_usage: {
      total_usage: total ?? 0,
      percpu_usage: each.trim().split(/\s+/).filter(Boolean).map(Number),
      usage_in_kernelmode: (split['system'] ?? 0) * TICK,
      usage_in_usermode: (split['user'] ?? 0) * TICK,
    },
    throttling_data: {
      periods: throttled['nr_periods'] ?? 0,
      throttled_periods: throttled['nr_throttled'] ?? 0,
      throttled_time: throttled['throttled_time'] ?? 0,
    },
  };
}

async function versionTwo({ cgroups }: HostFacts, cgroup: string): Promise<CpuStats> {
  const stat = await numbersOf(controllerDir(cgroups, 'cpu', cgroup), 'cpu.stat');
  return {
    cpu_usage: {
      total_usage: (stat['usage_usec'] ?? 0) * MICRO,
      usage_in_kernelmode: (stat['system_usec'] ?? 0) * MICRO,
      usage_in_usermode: (stat['user_usec'] ?? 0) * MICRO,
    },
    throttling_data: {
      periods: stat['nr_periods'] ?? 0,
      throttled_periods: stat['nr_throttled'] ?? 0,
      throttled_time: (stat['throttled_usec'] ?? 0) * MICRO,
    },
  };
}
