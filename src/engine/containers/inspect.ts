// What GET /containers/{id}/json shows.
import type {
  ContainerInspect,
  ContainerState,
  EndpointSettings,
  MountPoint,
  NetworkSettings,
} from '../../api/containers.ts';
import type { NetworkSpec } from '../networks/types.ts';
import { MASKED_PATHS, READONLY_PATHS } from '../shim/plan/devices.ts';
import type { Container } from './container.ts';
import { pathsOf, type Containers } from './context.ts';
import { containerSizes } from './folder-size.ts';
import { portMap } from './ports.ts';
import { isAlive, type ContainerRecord, type Membership, type MountRecord } from './record.ts';
import { endpointNames } from './start/sandbox.ts';

/** The whole answer. `size` measures what the container wrote. */
export async function inspectContainer(
  containers: Containers,
  container: Container,
  options: { readonly size: boolean },
): Promise<ContainerInspect> {
  const { record } = container;
  const paths = pathsOf(containers, record.id);
  const [path = '', ...args] = [...(record.config.Entrypoint ?? []), ...(record.config.Cmd ?? [])];
  const running = [...container.execs.values()].filter((exec) => exec.status === 'running').map((exec) => exec.id);
  return {
    Id: record.id,
    Created: record.created,
    Path: path,
    Args: args,
    State: stateOf(record),
    Image: record.imageId,
    ...{ ResolvConfPath: paths.resolv, HostnamePath: paths.hostname, HostsPath: paths.hosts },
    LogPath: record.host.LogConfig?.Type === 'none' ? '' : paths.log,
    Name: `/${record.name}`,
    RestartCount: record.state.restartCount,
    ...{ Driver: 'overlay2', Platform: 'linux', MountLabel: '', ProcessLabel: '', AppArmorProfile: '' },
    ExecIDs: running.length === 0 ? null : running,
    HostConfig: withDefaults(record),
    GraphDriver: {
      Name: 'overlay2',
      Data: { UpperDir: paths.upper, WorkDir: paths.work, LowerDir: record.layers.join(':') },
    },
    ...(options.size ? await containerSizes(record, paths.upper) : {}),
    Mounts: record.mounts.filter((mount) => mount.Type !== 'tmpfs').map(mountPoint),
    Config: record.config,
    NetworkSettings: networkSettings(containers, record),
  };
}

/** State as the API has it; a container between two runs counts as running. */
function stateOf(record: ContainerRecord): ContainerState {
  const { status, pid, exitCode, error, startedAt, finishedAt, oomKilled, health } = record.state;
  return {
    Status: status,
    Running: isAlive(record) || status === 'restarting',
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: oomKilled,
    Dead: status === 'dead',
    Pid: pid,
    ExitCode: exitCode,
    Error: error,
    StartedAt: startedAt,
    FinishedAt: finishedAt,
    ...(health === undefined ? {} : { Health: health }),
  };
}

/** Endpoints by network name, for inspect and list. */
export function endpointSettings(
  { networks }: Containers,
  record: ContainerRecord,
): Readonly<Record<string, EndpointSettings>> {
  const known = new Map(networks.list().map((network) => [network.id, network]));
  const settings = Object.entries(record.networks).map(([name, member]) => {
    return [name, oneEndpoint(record, member, known.get(member.networkId))] as const;
  });
  return Object.fromEntries(settings);
}

function oneEndpoint(record: ContainerRecord, member: Membership, network: NetworkSpec | undefined): EndpointSettings {
  const { config, endpoint } = member;
  return {
    ...{ IPAMConfig: config.IPAMConfig ?? null, Links: config.Links ?? null, Aliases: config.Aliases ?? null },
    ...{ DriverOpts: config.DriverOpts ?? null, GwPriority: config.GwPriority ?? 0 },
    MacAddress: endpoint?.mac ?? '',
    NetworkID: member.networkId,
    EndpointID: member.endpointId,
    ...addresses4(endpoint?.address ?? '', network),
    ...addresses6(endpoint?.address6 ?? '', network),
    DNSNames: network?.isDefault === true ? null : endpointNames(record, member),
  };
}

function addresses4(
  address: string,
  network: NetworkSpec | undefined,
): Pick<EndpointSettings, 'Gateway' | 'IPAddress' | 'IPPrefixLen'> {
  if (address === '' || network === undefined) return { Gateway: '', IPAddress: '', IPPrefixLen: 0 };
  return { Gateway: network.gateway, IPAddress: address, IPPrefixLen: prefixLength(network.subnet) };
}

function addresses6(
  address: string,
  network: NetworkSpec | undefined,
): Pick<EndpointSettings, 'IPv6Gateway' | 'GlobalIPv6Address' | 'GlobalIPv6PrefixLen'> {
  if (address === '' || network === undefined)
    return { IPv6Gateway: '', GlobalIPv6Address: '', GlobalIPv6PrefixLen: 0 };
  return {
    IPv6Gateway: network.gateway6,
    GlobalIPv6Address: address,
    GlobalIPv6PrefixLen: prefixLength(network.subnet6),
  };
}

/** What the API shows of a mount. */
export function mountPoint({
  Type,
  Name,
  Source,
  Destination,
  Driver,
  Mode,
  RW,
  Propagation,
}: MountRecord): MountPoint {
  return {
    Type,
    ...(Name === undefined ? {} : { Name }),
    ...{ Source, Destination },
    ...(Driver === undefined ? {} : { Driver }),
    ...{ Mode, RW, Propagation },
  };
}

function networkSettings(containers: Containers, record: ContainerRecord): NetworkSettings {
  const endpoints = endpointSettings(containers, record);
  const bridge = endpoints['bridge'];
  return {
    SandboxID: isAlive(record) ? record.id : '',
    SandboxKey: isAlive(record) ? `/proc/${record.state.pid}/ns/net` : '',
    Ports: isAlive(record) ? portMap(record.config, record.ports) : {},
    Networks: endpoints,
    ...{ IPAddress: bridge?.IPAddress ?? '', Gateway: bridge?.Gateway ?? '', MacAddress: bridge?.MacAddress ?? '' },
    ...{ IPPrefixLen: bridge?.IPPrefixLen ?? 0, EndpointID: bridge?.EndpointID ?? '' },
  };
}

/** Fields that clients read without looking whether they are there. */
function withDefaults({ host }: ContainerRecord): ContainerInspect['HostConfig'] {
  const privileged = host.Privileged === true;
  return {
    ...{ Binds: null, PortBindings: {}, CapAdd: null, CapDrop: null, Dns: [], DnsOptions: [], DnsSearch: [] },
    ...{ ExtraHosts: null, GroupAdd: null, Links: null, SecurityOpt: null, VolumesFrom: null, CgroupnsMode: 'host' },
    ...{ Privileged: false, PublishAllPorts: false, ReadonlyRootfs: false, AutoRemove: false, Runtime: 'gantry' },
    ...(privileged ? {} : { MaskedPaths: MASKED_PATHS, ReadonlyPaths: READONLY_PATHS }),
    ...Object.fromEntries(Object.entries(host).filter(([, value]) => value !== null)),
  };
}

function prefixLength(subnet: string): number {
  return Number(subnet.split('/')[1] ?? 0);
}
