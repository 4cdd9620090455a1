// Refuses what can't run, before anything is made: limits, policies, names and options, in Docker's words.
import type { HostConfig, Maybe, Resources, RestartPolicy } from '../../../api/containers.ts';
import { GantryError } from '../../../base/error.ts';
import { effectiveCapabilities } from '../../shim/capabilities.ts';
import { parseDeviceRule } from '../../shim/device-rules.ts';
import type { HostFacts } from '../../shim/host-facts.ts';
import { logLimits } from '../../shim/plan/log-limits.ts';
import { securityOptions } from '../../shim/plan/security.ts';
import { checkSysctls } from '../../shim/plan/sysctls.ts';
import { tmpfsOptions } from '../../shim/plan/tmpfs.ts';
import { rlimitsOf } from '../../shim/rlimits.ts';

const MIN_MEMORY = 6 * 1024 * 1024;
const LOG_DRIVERS = ['', 'json-file', 'local', 'none'];

/** Throws engine/bad-parameter for the first thing that is wrong. */
export function validateHost(host: HostConfig, facts: HostFacts): void {
  checkResources(host, facts);
  checkRestartPolicy(host.RestartPolicy, host.AutoRemove === true);
  checkModes(host);
  effectiveCapabilities(host, facts.capabilities);
  securityOptions(host.SecurityOpt ?? []);
  checkSysctls(host);
  rlimitsOf(host.Ulimits ?? [], facts.rlimitCeilings);
  (host.DeviceCgroupRules ?? []).forEach(parseDeviceRule);
  Object.values(host.Tmpfs ?? {}).forEach(tmpfsOptions);
  for (const entry of host.ExtraHosts ?? []) checkExtraHost(entry);
}

/** Throws engine/bad-parameter for a working directory that starts nowhere. */
export function checkWorkingDir(path: string): void {
  refuseIf(
    path !== '' && !path.startsWith('/'),
    `the working directory '${path}' is invalid, it needs to be an absolute path`,
  );
}

/** Also used by update. */
export function checkResources(resources: Resources, facts: Pick<HostFacts, 'cpus'>): void {
  checkMemory(resources);
  checkCpu(resources, facts.cpus);
  const weight = resources.BlkioWeight ?? 0;
  refuseIf(weight !== 0 && (weight < 10 || weight > 1000), 'Range of blkio weight is from 10 to 1000');
  const parent = resources.CgroupParent ?? '';
  refuseIf(parent.split('/').includes('..') || parent.endsWith('.slice'), `cgroup-parent "${parent}" is not valid`);
}

function checkMemory({ Memory, MemorySwap, MemoryReservation, MemorySwappiness }: Resources): void {
  const [limit, swap, reservation] = [Memory ?? 0, MemorySwap ?? 0, MemoryReservation ?? 0];
  refuseIf(limit !== 0 && limit < MIN_MEMORY, 'Minimum memory limit allowed is 6MB');
  refuseIf(
    limit > 0 && swap > 0 && swap < limit,
    'Minimum memoryswap limit should be larger than memory limit, see usage',
  );
  refuseIf(limit === 0 && swap > 0, 'You should always set the Memory limit when using Memoryswap limit, see usage');
  refuseIf(reservation > 0 && reservation < MIN_MEMORY, 'Minimum memory reservation allowed is 6MB');
  refuseIf(
    limit > 0 && reservation > limit,
    'Minimum memory limit can not be less than memory reservation limit, see usage',
  );
  const swappiness = MemorySwappiness ?? -1;
  refuseIf(swappiness < -1 || swappiness > 100, `Invalid value: ${swappiness}, valid memory swappiness range is 0-100`);
}

function checkCpu(resources: Resources, cpus: number): void {
  const nano = resources.NanoCpus ?? 0;
  const [quota, period] = [resources.CpuQuota ?? 0, resources.CpuPeriod ?? 0];
  refuseIf(nano > 0 && quota > 0, 'Conflicting options: Nano CPUs and CPU Quota cannot both be set.');
  refuseIf(nano > 0 && period > 0, 'Conflicting options: Nano CPUs and CPU Period cannot both be set.');
  refuseIf(
    nano < 0 || nano > cpus * 1e9,
    `range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`,
  );
  refuseIf(
    period !== 0 && (period < 1000 || period > 1_000_000),
    'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)',
  );
  refuseIf(quota > 0 && quota < 1000, 'CPU cfs quota can not be less than 1ms (i.e. 1000)');
  for (const [what, list] of [
    ['cpus', resources.CpusetCpus ?? ''],
    ['mems', resources.CpusetMems ?? ''],
  ] as const) {
    refuseIf(!isCpuList(list), `Invalid value ${list} for cpuset ${what}`);
  }
  refuseIf(
    maximum(resources.CpusetCpus ?? '') >= cpus,
    `Requested CPUs are not available - requested ${resources.CpusetCpus ?? ''}, available: 0-${cpus - 1}`,
  );
}

/** `0-2,4`; numbers stay small, since a huge range would be expanded by someone (CVE-2018-20699). */
function isCpuList(text: string): boolean {
  return text === '' || (/^\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*$/.test(text) && maximum(text) < 8192);
}

function maximum(list: string): number {
  return list === '' ? -1 : Math.max(...list.split(/[-,]/).map(Number));
}

/** Also used by update. */
export function checkRestartPolicy(policy: Maybe<RestartPolicy>, autoRemove: boolean): void {
  const name = policy?.Name ?? '';
  const retries = policy?.MaximumRetryCount ?? 0;
  refuseIf(
    !['', 'no', 'always', 'unless-stopped', 'on-failure'].includes(name),
    `invalid restart policy: unknown policy '${name}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'`,
  );
  refuseIf(
    retries !== 0 && name !== 'on-failure',
    "invalid restart policy: maximum retry count can only be used with 'on-failure'",
  );
  refuseIf(retries < 0, 'invalid restart policy: maximum retry count cannot be negative');
  refuseIf(autoRemove && name !== '' && name !== 'no', "can't create 'AutoRemove' container with restart policy");
}

const MODES: readonly (readonly ['IpcMode' | 'PidMode' | 'UTSMode' | 'CgroupnsMode' | 'Runtime', RegExp, string])[] = [
  ['IpcMode', /^(|private|shareable|none|host|container:.+)$/, 'Invalid IPC mode: '],
  ['PidMode', /^(|host|container:.+)$/, 'Invalid PID mode: '],
  ['UTSMode', /^(|host)$/, 'Invalid UTS mode: '],
  ['CgroupnsMode', /^(|host|private)$/, 'Invalid cgroup namespace mode: '],
  ['Runtime', /^(|runc|gantry|io\.containerd\.runc\.v2)$/, 'unknown or invalid runtime name: '],
];

function checkModes(host: HostConfig): void {
  refuseIf((host.ShmSize ?? 0) < 0, 'SHM size can not be less than 0');
  const score = host.OomScoreAdj ?? 0;
  refuseIf(score < -1000 || score > 1000, `Invalid value ${score}, range for oom score adj is [-1000, 1000]`);
  const driver = host.LogConfig?.Type ?? '';
  refuseIf(!LOG_DRIVERS.includes(driver), `logger: no log driver named '${driver}' is registered`);
  if (driver !== 'none') logLimits(driver, host.LogConfig?.Config ?? {});
  for (const [field, allowed, words] of MODES) {
    const mode = host[field] ?? '';
    refuseIf(!allowed.test(mode), `${words}${mode}`);
  }
}

function checkExtraHost(entry: string): void {
  refuseIf(!/^[^:]+:.+$/.test(entry), `bad format for add-host: "${entry}"`);
}

function refuseIf(condition: boolean, message: string): void {
  if (condition) throw new GantryError('engine/bad-parameter', message);
}
