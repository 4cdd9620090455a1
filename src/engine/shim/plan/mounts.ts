// What is mounted where in a container: Docker's defaults, the engine's three files in /etc, and what the user asks for,
// which replaces a default at the same place. Order is by depth of the target.
import { posix } from 'node:path';
import { cgroupVersion } from '../cgroup-layout.ts';
import { encodeRecord, type ValuesOf } from '../codec.ts';
import { MOUNT_FLAGS, PLAN } from '../records.ts';
import type { PlanInput, PlanMount } from './input.ts';
import { isOwn } from './namespaces.ts';
import { tmpfsOptions } from './tmpfs.ts';

/** MOUNT_ATTR_* of mount_setattr(2). */
export const ATTR = { ro: 1n, nosuid: 2n, nodev: 4n, noexec: 8n, noatime: 0x10n, strictatime: 0x20n } as const;

type MountValues = ValuesOf<typeof PLAN.mount>;

const DEFAULT_SHM = 64 * 1024 * 1024;
/** MS_* of mount(2), for propagation; MS_REC is added for the recursive forms. */
const MS = { private: 1 << 18, slave: 1 << 19, shared: 1 << 20, rec: 1 << 14 } as const;
const NO_ALL = ATTR.nosuid | ATTR.nodev | ATTR.noexec;

/** The records mount, in the order they are to be made. */
export function mountRecords(input: PlanInput): readonly Buffer[] {
  return containerMounts(input).map((values) => encodeRecord(PLAN.mount, values));
}

/** Decoded, for tests and for `inspect` of what a plan does. */
export function containerMounts(input: PlanInput): readonly MountValues[] {
  const user = [...input.mounts].sort((a, b) => depth(a.target) - depth(b.target));
  const targets = new Set(user.map((mount) => mount.target));
  const replaced = (target: string): boolean =>
    targets.has(target) || (targets.has('/dev') && target.startsWith('/dev/'));
  return [
    ...defaultMounts(input).filter((mount) => !replaced(mount.target)),
    ...etcMounts(input).filter((mount) => !replaced(mount.target)),
    ...user.map((mount) => userMount(mount)),
  ];
}

function defaultMounts(input: PlanInput): readonly MountValues[] {
  const { host } = input;
  const privileged = host.Privileged === true;
  const sysRo = privileged ? 0n : ATTR.ro;
  return [
    special('proc', '/proc', NO_ALL),
    special('tmpfs', '/dev', ATTR.nosuid | ATTR.strictatime, 'mode=755,size=65536k'),
    special('devpts', '/dev/pts', ATTR.nosuid | ATTR.noexec, 'ptmxmode=0666,mode=0620,gid=5'),
    isOwn(host.NetworkMode) || privileged
      ? special('sysfs', '/sys', NO_ALL | sysRo)
      : bind('/sys', '/sys', NO_ALL | sysRo),
    ...cgroupMounts(input, sysRo),
    ...ipcMounts(input),
  ];
}

/** The cgroup tree of a container: version 2 as a mount of its own; on version 1 its own folder of each hierarchy. */
function cgroupMounts({ facts, cgroup }: PlanInput, sysRo: bigint): readonly MountValues[] {
  const attr = NO_ALL | sysRo;
  if (cgroupVersion(facts.cgroups) === 2) return [special('cgroup2', '/sys/fs/cgroup', attr)];
  const folders = facts.cgroups.v1.map(({ mountpoint }) =>
    bind(posix.join(mountpoint, cgroup), `/sys/fs/cgroup/${posix.basename(mountpoint)}`, attr, MOUNT_FLAGS.createDir),
  );
  return [special('tmpfs', '/sys/fs/cgroup', NO_ALL, 'mode=755'), ...folders];
}

function ipcMounts({ host, sharedShm }: PlanInput): readonly MountValues[] {
  // of whatever ipc namespace it is mounted in
  const queue = special('mqueue', '/dev/mqueue', NO_ALL);
  if (host.IpcMode === 'none') return [queue];
  if (host.IpcMode === 'host') return [queue, bind('/dev/shm', '/dev/shm', 0n, MOUNT_FLAGS.createDir)];
  if (sharedShm !== '') return [queue, bind(sharedShm, '/dev/shm', NO_ALL, MOUNT_FLAGS.createDir)];
  return [queue, special('tmpfs', '/dev/shm', NO_ALL, `mode=1777,size=${host.ShmSize || DEFAULT_SHM}`)];
}

/** Files the engine writes. They stay writable in place unless the root is read-only. */
function etcMounts({ etc, host }: PlanInput): readonly MountValues[] {
  const attr = host.ReadonlyRootfs === true ? ATTR.ro : 0n;
  const files = [
    [etc.resolv, '/etc/resolv.conf'],
    [etc.hostname, '/etc/hostname'],
    [etc.hosts, '/etc/hosts'],
  ] as const;
  return files.flatMap(([source, target]) =>
    source === '' ? [] : [bind(source, target, attr, MOUNT_FLAGS.createFile)],
  );
}

function userMount(mount: PlanMount): MountValues {
  const create = mount.isFile ? MOUNT_FLAGS.createFile : MOUNT_FLAGS.createDir;
  const ro = mount.readonly ? ATTR.ro : 0n;
  if (mount.type === 'tmpfs') {
    const { attr, options } = tmpfsOptions(mount.options);
    return { ...special('tmpfs', mount.target, attr | ro, options), flags: MOUNT_FLAGS.createDir };
  }
  const flags = [
    create,
    mount.recursive ? MOUNT_FLAGS.recursive : 0,
    mount.readonly && mount.readonlyRecursive ? MOUNT_FLAGS.readonlyRecursive : 0,
    mount.copyUp ? MOUNT_FLAGS.copyUp : 0,
  ].reduce((mask, bit) => mask | bit, 0);
  return { ...bind(mount.source, mount.target, ro, flags), propagation: propagationFlags(mount.propagation) };
}

function propagationFlags(name: string): number {
  const recursive = name.startsWith('r') ? MS.rec : 0;
  switch (name.replace(/^r(?=private|slave|shared)/, '')) {
    case 'shared':
      return MS.shared | recursive;
    case 'slave':
      return MS.slave | recursive;
    default:
      return 0;
  }
}

function special(fstype: string, target: string, attr: bigint, options = ''): MountValues {
  return { source: fstype, target, fstype, attr, options, propagation: 0, flags: MOUNT_FLAGS.createDir };
}

function bind(source: string, target: string, attr: bigint, flags = 0): MountValues {
  return { source, target, fstype: '', attr, options: '', propagation: 0, flags };
}

function depth(target: string): number {
  return target.split('/').filter(Boolean).length;
}
