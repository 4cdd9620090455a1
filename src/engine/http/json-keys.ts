// Go's decoder matches JSON keys without regard to case, and old clients rely on it (`cmd` for `Cmd`). This puts the
// known keys of request bodies into the spelling of src/api; keys that users choose (labels, options) are left alone.
import { GantryError } from '../../base/error.ts';

/** Deepest nesting of a request body. */
const MAX_DEPTH = 64;

/** Keys of request bodies; a key that a colleague's handler reads must stand here to be found in any case. */
const NAMES = `
  Aliases Annotations Attachable AttachStderr AttachStdin AttachStdout AutoRemove AuxiliaryAddresses Binds BindOptions
  BlkioDeviceReadBps BlkioDeviceReadIOps BlkioDeviceWriteBps BlkioDeviceWriteIOps BlkioWeight CapAdd CapDrop
  CgroupParent CgroupPermissions CgroupnsMode CheckDuplicate Cmd Config ConfigOnly
  ConsoleSize Container CpuPeriod CpuQuota CpuShares CpusetCpus CpusetMems CreateMountpoint Detach DetachKeys
  DeviceCgroupRules DeviceRequests Devices Dns DnsOptions DnsSearch Domainname Driver DriverConfig DriverOpts EnableIPv4
  EnableIPv6 EndpointConfig EndpointsConfig Entrypoint Env ExposedPorts ExtraHosts Force Gateway GroupAdd GwPriority
  Hard Healthcheck HostConfig HostIp HostPort Hostname IPAM IPAMConfig IPRange IPv4Address IPv6Address Image Init
  Internal Interval IpcMode Labels LinkLocalIPs Links LogConfig MacAddress MaskedPaths MaximumRetryCount Memory
  MemoryReservation MemorySwap MemorySwappiness Mode Mounts Name NanoCpus NetworkDisabled NetworkID NetworkMode
  NetworkingConfig NoCopy NonRecursive OnBuild OomKillDisable OomScoreAdj OpenStdin Options PathInContainer PathOnHost
  Path PidMode PidsLimit PortBindings Privileged Propagation PublishAllPorts Rate ReadOnly ReadOnlyForceRecursive
  ReadOnlyNonRecursive ReadonlyPaths ReadonlyRootfs RestartPolicy Retries Runtime Scope SecurityOpt Shell ShmSize
  SizeBytes Soft Source StartInterval StartPeriod StdinOnce StopSignal StopTimeout StorageOpt Subnet Subpath Sysctls
  Target Test Timeout Tmpfs TmpfsOptions Tty Type UTSMode Ulimits User UsernsMode VolumeDriver VolumeOptions Volumes
  VolumesFrom WorkingDir`;

/** Objects whose own keys are data: names of labels, ports, networks, options. */
const MAPS = new Set(
  `Annotations AuxiliaryAddresses Config DriverOpts EndpointsConfig ExposedPorts Labels Options PortBindings StorageOpt
  Sysctls Tmpfs Volumes`.split(/\s+/),
);

const SPELLING = new Map(
  NAMES.trim()
    .split(/\s+/)
    .map((name) => [name.toLowerCase(), name]),
);

/** The value with known keys spelt as src/api has them. Where a key stands in two spellings, the exact one wins. */
export function canonicalKeys(value: unknown): unknown {
  return rewrite(value, { isMap: false, depth: 0 });
}

interface Place {
  readonly isMap: boolean;
  readonly depth: number;
}

function rewrite(value: unknown, place: Place): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (place.depth > MAX_DEPTH) throw new GantryError('engine/bad-parameter', 'invalid JSON: nested too deeply');
  const depth = place.depth + 1;
  if (Array.isArray(value)) return value.map((item) => rewrite(item, { isMap: false, depth }));
  // Object.fromEntries defines own properties, so a key `__proto__` stays data
  const entries = Object.entries(value).map(([key, item]): [string, unknown] => {
    const name = place.isMap ? key : spelling(key, value);
    return [name, rewrite(item, { isMap: !place.isMap && MAPS.has(name), depth })];
  });
  return Object.fromEntries(entries);
}

function spelling(key: string, owner: object): string {
  const name = SPELLING.get(key.toLowerCase());
  return name === undefined || Object.hasOwn(owner, name) ? key : name;
}
