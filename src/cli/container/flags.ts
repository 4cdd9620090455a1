// The flags of `run` and `create`, Docker's names and letters. What they mean is in the other files of this folder.
import type { Command } from '../args/command.ts';
import { GantryError } from '../../base/error.ts';
import { collect } from '../flags.ts';

/** The flags as given. Texts and lists of texts, true and false. */
export interface ContainerFlags {
  readonly [name: string]: string | readonly string[] | boolean | undefined;
}

const LISTS: readonly (readonly [spec: string, text: string])[] = [
  ['--add-host <host:ip>', 'a further name in /etc/hosts'],
  ['--annotation <key=value>', 'an annotation'],
  ['-a, --attach <stream>', 'attach to stdin, stdout or stderr'],
  ['--cap-add <capability>', 'add a capability'],
  ['--cap-drop <capability>', 'drop a capability'],
  ['--device <host[:container[:rwm]]>', 'a device of the host'],
  ['--device-cgroup-rule <rule>', 'allow devices by rule'],
  ['--dns <address>', 'a name server'],
  ['--dns-option <option>', 'an option of the resolver'],
  ['--dns-search <domain>', 'a search domain'],
  ['-e, --env <name=value>', 'a variable; NAME alone passes on its value'],
  ['--env-file <path>', 'a file of variables'],
  ['--expose <port>', 'expose a port or a range of ports'],
  ['--group-add <group>', 'a further group'],
  ['-l, --label <key=value>', 'a label'],
  ['--label-file <path>', 'a file of labels'],
  ['--link <name[:alias]>', 'link to another container'],
  ['--link-local-ip <address>', 'a link-local address'],
  ['--log-opt <key=value>', 'an option of the log driver'],
  ['--mount <type=…,src=…,dst=…>', 'a mount in words'],
  ['--network <name>', 'connect to a network: its name, or name=…,alias=…,ip=…'],
  ['--net <name>', '--network'],
  ['--network-alias <name>', 'a further name on the network'],
  ['--net-alias <name>', '--network-alias'],
  ['-p, --publish <[ip:][port:]port>', 'publish a port'],
  ['--security-opt <option>', 'a security option'],
  ['--storage-opt <key=value>', 'an option of the storage'],
  ['--sysctl <key=value>', 'a kernel parameter'],
  ['--tmpfs <path[:options]>', 'mount a tmpfs'],
  ['--ulimit <name=soft[:hard]>', 'a limit of processes'],
  ['-v, --volume <[source:]path[:options]>', 'mount a volume or a folder'],
  ['--volumes-from <container[:ro]>', "mount another container's volumes"],
];

const TEXTS: readonly (readonly [spec: string, text: string])[] = [
  ['--blkio-weight <n>', 'weight of block IO, 10 to 1000'],
  ['--cgroup-parent <path>', 'parent cgroup'],
  ['--cgroupns <mode>', 'host or private'],
  ['--cidfile <path>', "write the container's id there"],
  ['--cpu-period <microseconds>', 'period of the CPU limit'],
  ['--cpu-quota <microseconds>', 'CPU time per period'],
  ['-c, --cpu-shares <n>', 'weight of CPU time'],
  ['--cpus <n>', 'number of CPUs'],
  ['--cpuset-cpus <list>', 'CPUs to use, 0-3 or 0,1'],
  ['--cpuset-mems <list>', 'memory nodes to use'],
  ['--domainname <name>', 'NIS domain name'],
  ['--entrypoint <command>', "instead of the image's entrypoint"],
  ['--health-cmd <command>', 'command that checks health'],
  ['--health-interval <duration>', 'time between checks'],
  ['--health-retries <n>', 'failures until unhealthy'],
  ['--health-start-interval <duration>', 'time between checks while it starts'],
  ['--health-start-period <duration>', 'time to start in'],
  ['--health-timeout <duration>', 'time one check may take'],
  ['-h, --hostname <name>', 'host name'],
  ['--ip <address>', 'IPv4 address on the network'],
  ['--ip6 <address>', 'IPv6 address on the network'],
  ['--ipc <mode>', 'IPC namespace'],
  ['--log-driver <name>', 'where output is kept'],
  ['--mac-address <address>', 'MAC address'],
  ['-m, --memory <bytes>', 'memory limit'],
  ['--memory-reservation <bytes>', 'soft memory limit'],
  ['--memory-swap <bytes>', 'memory and swap together, -1 for no limit of swap'],
  ['--memory-swappiness <n>', '0 to 100'],
  ['--name <name>', 'name of the container'],
  ['--oom-score-adj <n>', '-1000 to 1000'],
  ['--pid <mode>', 'PID namespace'],
  ['--pids-limit <n>', 'number of processes, -1 for no limit'],
  ['--platform <os/arch>', 'platform of the image'],
  ['--restart <policy>', 'no, always, unless-stopped or on-failure[:N]'],
  ['--runtime <name>', 'runtime'],
  ['--shm-size <bytes>', 'size of /dev/shm'],
  ['--stop-signal <signal>', 'signal that stops it'],
  ['--stop-timeout <seconds>', 'time it has to stop'],
  ['-u, --user <user[:group]>', 'user, by name or number'],
  ['--userns <mode>', 'user namespace'],
  ['--uts <mode>', 'UTS namespace'],
  ['--volume-driver <name>', 'driver of its volumes'],
  ['-w, --workdir <path>', 'working directory'],
];

const SWITCHES: readonly (readonly [spec: string, text: string])[] = [
  ['--disable-content-trust', 'accepted: images are not signed here'],
  ['--init', 'an init that forwards signals and reaps processes'],
  ['-i, --interactive', 'keep standard input open'],
  ['--no-healthcheck', "without the image's health check"],
  ['--oom-kill-disable', 'no OOM killer'],
  ['--privileged', 'all privileges'],
  ['-P, --publish-all', 'publish all exposed ports'],
  ['-q, --quiet', 'do not show the pull'],
  ['--read-only', 'root file system read-only'],
  ['--rm', 'remove the container when it ends'],
  ['-t, --tty', 'with a terminal'],
];

/** Flags of Docker that mean nothing here, and why. */
const REFUSED: readonly (readonly [spec: string, why: string])[] = [
  ...[
    '--blkio-weight-device',
    '--device-read-bps',
    '--device-read-iops',
    '--device-write-bps',
    '--device-write-iops',
  ].map((flag) => [`${flag} <device:rate>`, 'limits of single devices are not supported'] as const),
  ['--cpu-rt-period <n>', 'real-time scheduling is not supported'],
  ['--cpu-rt-runtime <n>', 'real-time scheduling is not supported'],
  ['--gpus <request>', 'GPUs are not supported; pass devices with --device'],
  ['--isolation <technology>', 'it is for Windows'],
  ['--cpu-count <n>', 'it is for Windows'],
  ['--cpu-percent <n>', 'it is for Windows'],
  ['--io-maxbandwidth <n>', 'it is for Windows'],
  ['--io-maxiops <n>', 'it is for Windows'],
  ['--kernel-memory <bytes>', 'kernels no longer have this limit'],
];

/** Adds the flags of `create`; `run` adds a few more. */
export function defineContainerFlags(command: Command): void {
  for (const [spec, text] of LISTS) command.option(spec, text, collect);
  for (const [spec, text] of [...TEXTS, ...SWITCHES]) command.option(spec, text);
  command.option('--pull <when>', 'always, missing or never', 'missing');
  for (const [spec, why] of REFUSED) command.option(spec, `refused: ${why}`);
  command.flags.sort((a, b) => (a.long < b.long ? -1 : 1));
}

/** Throws for flags that cannot be had here. */
export function refuseFlags(flags: ContainerFlags): void {
  for (const [spec, why] of REFUSED) {
    const long = spec.replace(/ .*/, '');
    const key = long.slice(2).replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
    if (flags[key] !== undefined) throw new GantryError('usage/invalid-flag', `${long} cannot be used: ${why}`);
  }
}

/** The text of a flag. */
export function textFlag(flags: ContainerFlags, key: string): string | undefined {
  const value = flags[key];
  return typeof value === 'string' ? value : undefined;
}

/** The values of a repeatable flag. */
export function listFlag(flags: ContainerFlags, ...keys: readonly string[]): readonly string[] {
  return keys.flatMap((key) => {
    const value = flags[key];
    return typeof value === 'object' ? value : [];
  });
}

/** Whether a switch is on. */
export const hasFlag = (flags: ContainerFlags, key: string): boolean => flags[key] === true;
