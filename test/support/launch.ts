// Launch plans for tests of the C code: Docker's default view of files and processes, each part replaceable.
import { join } from 'node:path';
import { encodeRecord, type ValuesOf } from '../../src/engine/shim/codec.ts';
import { PLAN, PROCESS_FLAGS, MOUNT_FLAGS } from '../../src/engine/shim/records.ts';

/** CLONE_NEW* bits. */
export const NS = {
  time: 0x80,
  mount: 0x0002_0000,
  cgroup: 0x0200_0000,
  uts: 0x0400_0000,
  ipc: 0x0800_0000,
  pid: 0x2000_0000,
  net: 0x4000_0000,
} as const;

/** MOUNT_ATTR_* bits. */
export const ATTR = { ro: 1n, nosuid: 2n, nodev: 4n, noexec: 8n, strictatime: 0x20n } as const;

/** Docker's fourteen default capabilities. */
export const DEFAULT_CAPS = 0xa8_04_25_fbn;

type Process = ValuesOf<typeof PLAN.process>;
type Mount = ValuesOf<typeof PLAN.mount>;

/** What a test may choose; everything else is as in a default container without network. */
export interface PlanOptions extends Partial<Process> {
  readonly caps?: bigint;
  readonly namespaces?: number;
  readonly mounts?: readonly Partial<Mount>[];
  readonly defaultMounts?: readonly Partial<Mount>[];
  readonly masks?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  readonly cgroups?: readonly string[];
  readonly layers?: readonly string[];
  readonly readonlyRoot?: boolean;
  readonly maxSize?: bigint;
  readonly maxFiles?: number;
  /** The log file, when it is not to be in `home`. */
  readonly logPath?: string;
  /** Further records as they are. */
  readonly extra?: readonly Buffer[];
}

interface Place {
  readonly id: string;
  readonly home: string;
  readonly layer: string;
}

const CREATE = MOUNT_FLAGS.createDir;

/** Docker's default mounts, but for cgroups. */
export const DEFAULT_MOUNTS: readonly Partial<Mount>[] = [
  { fstype: 'proc', source: 'proc', target: '/proc', attr: ATTR.nosuid | ATTR.noexec | ATTR.nodev, flags: CREATE },
  {
    fstype: 'tmpfs',
    source: 'tmpfs',
    target: '/dev',
    attr: ATTR.nosuid | ATTR.strictatime,
    options: 'mode=755,size=65536k',
    flags: CREATE,
  },
  {
    fstype: 'devpts',
    source: 'devpts',
    target: '/dev/pts',
    attr: ATTR.nosuid | ATTR.noexec,
    options: 'ptmxmode=0666,mode=0620,gid=5',
    flags: CREATE,
  },
  {
    fstype: 'sysfs',
    source: 'sysfs',
    target: '/sys',
    attr: ATTR.nosuid | ATTR.noexec | ATTR.nodev | ATTR.ro,
    flags: CREATE,
  },
  {
    fstype: 'mqueue',
    source: 'mqueue',
    target: '/dev/mqueue',
    attr: ATTR.nosuid | ATTR.noexec | ATTR.nodev,
    flags: CREATE,
  },
  {
    fstype: 'tmpfs',
    source: 'shm',
    target: '/dev/shm',
    attr: ATTR.nosuid | ATTR.noexec | ATTR.nodev,
    options: 'mode=1777,size=67108864',
    flags: CREATE,
  },
];

const DEVICES: readonly (readonly [string, number, number])[] = [
  ['/dev/null', 1, 3],
  ['/dev/zero', 1, 5],
  ['/dev/full', 1, 7],
  ['/dev/random', 1, 8],
  ['/dev/urandom', 1, 9],
  ['/dev/tty', 5, 0],
];

const LINKS: readonly (readonly [string, string])[] = [
  ['/proc/self/fd', '/dev/fd'],
  ['/proc/self/fd/0', '/dev/stdin'],
  ['/proc/self/fd/1', '/dev/stdout'],
  ['/proc/self/fd/2', '/dev/stderr'],
  ['pts/ptmx', '/dev/ptmx'],
];

const MASKED = [
  '/proc/kcore',
  '/proc/keys',
  '/proc/timer_list',
  '/proc/acpi',
  '/proc/scsi',
  '/sys/firmware',
  '/proc/not-there',
];
const READONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** A process record with what a test does not care about filled in. */
export function processRecord(options: Partial<Process>): Buffer {
  return encodeRecord(PLAN.process, {
    argv: ['/bin/true'],
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    cwd: '/',
    user: '',
    groups: [],
    flags: 0,
    umask: 0o022,
    oomScoreAdj: 0,
    rows: 0,
    cols: 0,
    ...pick(options),
  });
}

/** A plan of an exec. */
export function execPlanOf(
  options: Partial<Process> & { readonly caps?: bigint; readonly extra?: readonly Buffer[] },
): Buffer {
  return Buffer.concat([processRecord(options), capsRecord(options.caps ?? DEFAULT_CAPS), ...(options.extra ?? [])]);
}

/** A plan of a container in `home` with folders upper, work and log. */
export function containerPlan(options: PlanOptions & Place): Buffer {
  const { id, home } = options;
  const mounts = [...(options.defaultMounts ?? DEFAULT_MOUNTS), ...(options.mounts ?? [])];
  return Buffer.concat([
    encodeRecord(PLAN.container, { id }),
    processRecord(options),
    capsRecord(options.caps ?? DEFAULT_CAPS),
    encodeRecord(PLAN.namespaces, { create: options.namespaces ?? NS.mount | NS.uts | NS.ipc | NS.pid | NS.net }),
    encodeRecord(PLAN.hostname, { host: id, domain: '' }),
    ...(options.layers ?? [options.layer]).map((path) => encodeRecord(PLAN.layer, { path })),
    encodeRecord(PLAN.overlay, {
      upper: join(home, 'upper'),
      work: join(home, 'work'),
      readonly: options.readonlyRoot ? 1 : 0,
    }),
    ...mounts.map(mountRecord),
    ...DEVICES.map(([path, major, minor]) =>
      encodeRecord(PLAN.device, { path, kind: 'c'.charCodeAt(0), major, minor, mode: 0o666, uid: 0, gid: 0 }),
    ),
    ...LINKS.map(([target, path]) => encodeRecord(PLAN.symlink, { target, path })),
    ...(options.masks ?? MASKED).map((path) => encodeRecord(PLAN.mask, { path })),
    ...(options.readonlyPaths ?? READONLY).map((path) => encodeRecord(PLAN.readonlyPath, { path })),
    ...(options.cgroups ?? []).map((dir) => encodeRecord(PLAN.cgroup, { dir })),
    encodeRecord(PLAN.log, {
      path: options.logPath ?? join(home, 'log/json.log'),
      maxSize: options.maxSize ?? 0n,
      maxFiles: options.maxFiles ?? 1,
    }),
    ...(options.extra ?? []),
  ]);
}

/** Flags of a process by name. */
export const FLAGS = PROCESS_FLAGS;

function capsRecord(caps: bigint): Buffer {
  return encodeRecord(PLAN.caps, { bounding: caps, effective: caps, permitted: caps });
}

function mountRecord(mount: Partial<Mount>): Buffer {
  return encodeRecord(PLAN.mount, {
    source: '',
    target: '',
    fstype: '',
    attr: 0n,
    options: '',
    propagation: 0,
    flags: 0,
    ...mount,
  });
}

function pick(options: Partial<Process>): Partial<Process> {
  const names = ['argv', 'env', 'cwd', 'user', 'groups', 'flags', 'umask', 'oomScoreAdj', 'rows', 'cols'] as const;
  return Object.fromEntries(names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]]));
}
