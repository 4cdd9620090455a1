// What the host must have before anything is made on it; each lack is one message with its remedy.
import { access, constants, readFile, readdir, statfs } from 'node:fs/promises';
import { release } from 'node:os';
import { dirname, join } from 'node:path';
import { GantryError } from '../base/error.ts';

/** What is looked at. */
export interface HostFacts {
  readonly uid: number;
  /** `uname -r`. */
  readonly kernel: string;
  /** File systems the kernel knows now; overlay may still come as a module. */
  readonly filesystems: readonly string[];
  readonly hasOverlayModule: boolean;
  /** File-system magic of the data root. */
  readonly dataFsType: number;
  readonly data: string;
  /** Types of mounted cgroup file systems: `cgroup`, `cgroup2`. */
  readonly cgroups: readonly string[];
  readonly hasIptables: boolean;
  /** Names in /proc/self/ns. */
  readonly namespaces: readonly string[];
}

const MIN_KERNEL = [5, 15] as const;
const OVERLAYFS_MAGIC = 0x794c7630;
const NAMESPACES = ['mnt', 'pid', 'net', 'uts', 'ipc'] as const;
const SBIN = ['/usr/sbin', '/sbin', '/usr/local/sbin', '/usr/bin', '/bin'] as const;

/** Throws the first thing that is missing: engine/not-root or engine/unsupported-host. */
export function checkHost(facts: HostFacts): void {
  if (facts.uid !== 0) {
    throw new GantryError('engine/not-root', 'the engine must run as root', { hint: 'start it with sudo' });
  }
  for (const [isMissing, message, hint] of requirements(facts)) {
    if (isMissing) throw new GantryError('engine/unsupported-host', message, { hint });
  }
}

type Requirement = readonly [isMissing: boolean, message: string, hint: string];

function requirements(facts: HostFacts): readonly Requirement[] {
  const namespaces = NAMESPACES.filter((name) => !facts.namespaces.includes(name));
  const hasOverlay = facts.filesystems.includes('overlay') || facts.hasOverlayModule;
  return [
    [isOlder(facts.kernel), `kernel ${facts.kernel} is too old: 5.15 or newer is needed`, 'run a newer kernel'],
    [namespaces.length > 0, `the kernel has no ${namespaces.join(', ')} namespaces`, 'use a kernel with namespaces'],
    [!hasOverlay, 'the kernel has no overlayfs', 'load it with: modprobe overlay'],
    [
      facts.dataFsType === OVERLAYFS_MAGIC,
      `the data folder ${facts.data} is on overlayfs, which cannot hold container layers`,
      'choose a folder on ext4, xfs, btrfs or tmpfs with GANTRY_DATA',
    ],
    [facts.cgroups.length === 0, 'no cgroups are mounted', 'mount them: mount -t cgroup2 none /sys/fs/cgroup'],
    [
      !facts.hasIptables,
      'iptables is missing (no iptables-restore in /usr/sbin)',
      'install it: apt-get install iptables',
    ],
  ];
}

function isOlder(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map((part) => parseInt(part, 10));
  return major < MIN_KERNEL[0] || (major === MIN_KERNEL[0] && minor < MIN_KERNEL[1]);
}

/** Looks at this host. The data folder need not exist yet. */
export async function readHostFacts(data: string): Promise<HostFacts> {
  const kernel = release();
  return {
    uid: process.getuid?.() ?? -1,
    kernel,
    filesystems: (await readFile('/proc/filesystems', 'utf8')).split('\n').map((line) => line.replace(/^.*\t/, '')),
    hasOverlayModule: await hasOverlayModule(kernel),
    dataFsType: await fsTypeOf(data),
    data,
    cgroups: mountedCgroups(await readFile('/proc/self/mounts', 'utf8')),
    hasIptables: (await Promise.all(SBIN.map((dir) => isExecutable(join(dir, 'iptables-restore'))))).includes(true),
    namespaces: await readdir('/proc/self/ns'),
  };
}

async function hasOverlayModule(kernel: string): Promise<boolean> {
  const names = ['overlay.ko', 'overlay.ko.xz', 'overlay.ko.zst', 'overlay.ko.gz'];
  const paths = names.map((name) => `/lib/modules/${kernel}/kernel/fs/overlayfs/${name}`);
  return (await Promise.all(paths.map((path) => isReadable(path)))).includes(true);
}

function mountedCgroups(mounts: string): string[] {
  const types = mounts.split('\n').map((line) => line.split(' ')[2] ?? '');
  return [...new Set(types.filter((type) => type === 'cgroup' || type === 'cgroup2'))];
}

/** Of the nearest folder above `path` that exists. */
async function fsTypeOf(path: string): Promise<number> {
  try {
    return (await statfs(path)).type;
  } catch (error) {
    if (path === dirname(path)) throw error;
    return await fsTypeOf(dirname(path));
  }
}

async function isExecutable(path: string): Promise<boolean> {
  return await allowed(path, constants.X_OK);
}

async function isReadable(path: string): Promise<boolean> {
  return await allowed(path, constants.R_OK);
}

async function allowed(path: string, mode: number): Promise<boolean> {
  return await access(path, mode).then(
    () => true,
    () => false,
  );
}
