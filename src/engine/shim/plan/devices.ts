// Device nodes of a container, the links in /dev, and what is hidden or read-only in /proc and /sys.
import { cgroupVersion } from '../cgroup-layout.ts';
import { encodeRecord } from '../codec.ts';
import { PLAN } from '../records.ts';
import type { PlanDevice, PlanInput } from './input.ts';

const MODE = 0o666;
/** Docker's basic nodes: name, major, minor. */
const NODES = [
  ['null', 1, 3],
  ['zero', 1, 5],
  ['full', 1, 7],
  ['random', 1, 8],
  ['urandom', 1, 9],
  ['tty', 5, 0],
] as const;

const LINKS = [
  ['/proc/self/fd', '/dev/fd'],
  ['/proc/self/fd/0', '/dev/stdin'],
  ['/proc/self/fd/1', '/dev/stdout'],
  ['/proc/self/fd/2', '/dev/stderr'],
  ['/proc/kcore', '/dev/core'],
  ['pts/ptmx', '/dev/ptmx'],
] as const;

/** Hidden by default. */
export const MASKED_PATHS: readonly string[] = [
  ...['acpi', 'asound', 'interrupts', 'kcore', 'keys', 'latency_stats', 'sched_debug', 'scsi'].map(
    (name) => `/proc/${name}`,
  ),
  ...['/proc/timer_list', '/proc/timer_stats', '/sys/devices/virtual/powercap', '/sys/firmware'],
];

/** Read-only by default. */
export const READONLY_PATHS: readonly string[] = ['bus', 'fs', 'irq', 'sys', 'sysrq-trigger'].map(
  (name) => `/proc/${name}`,
);

/** The records device and symlink. A user's mount on /dev brings its own. */
export function deviceRecords(input: PlanInput): readonly Buffer[] {
  if (input.mounts.some((mount) => mount.target === '/dev')) return [];
  const basic = NODES.map(([name, major, minor]): PlanDevice => {
    return { path: `/dev/${name}`, type: 'c', major, minor, mode: MODE, uid: 0, gid: 0, access: 'rwm' };
  });
  const own = new Set(basic.map((device) => device.path));
  return [
    ...[...basic, ...input.devices.filter((device) => !own.has(device.path))].map(deviceRecord),
    ...LINKS.map(([target, path]) => encodeRecord(PLAN.symlink, { target, path })),
  ];
}

/** The records mask and readonlyPath; none in a privileged container, and a list given by the user wins. */
export function hiddenRecords({ host, facts }: PlanInput): readonly Buffer[] {
  if (host.Privileged === true) return [];
  const throttles = Array.from(
    { length: facts.cpus },
    (_, cpu) => `/sys/devices/system/cpu/cpu${cpu}/thermal_throttle`,
  );
  const masked = host.MaskedPaths ?? [...MASKED_PATHS, ...throttles];
  const readonly = host.ReadonlyPaths ?? READONLY_PATHS;
  // on version 1 a tmpfs with the container's folders in it, which could not be made read-only before they were
  const cgroupTree = cgroupVersion(facts.cgroups) === 1 ? ['/sys/fs/cgroup'] : [];
  return [
    ...masked.map((path) => encodeRecord(PLAN.mask, { path })),
    ...[...readonly, ...cgroupTree].map((path) => encodeRecord(PLAN.readonlyPath, { path })),
  ];
}

function deviceRecord(device: PlanDevice): Buffer {
  const { path, major, minor, mode, uid, gid } = device;
  return encodeRecord(PLAN.device, { path, kind: device.type.charCodeAt(0), major, minor, mode, uid, gid });
}
