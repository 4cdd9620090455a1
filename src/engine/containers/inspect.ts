// What GET /containers/{id}/json shows.
import type {
  ContainerInspect,
  ContainerState,
  EndpointSettings,
  MountPoint,
  NetworkSettings,
} from '../../api/containers.ts';
import { MASKED_PATHS, READONLY_PATHS } from '../shim/plan/devices.ts';
import type { Container } from './container.ts';
import { pathsOf, type Containers } from './context.ts';
import { folderSize } from './folder-size.ts';
import { portMap } from './ports.ts';
import { isAlive, shortId, type ContainerRecord, type MountRecord } from './record.ts';

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
    ...(options.size ? await sizes(record, paths.upper) : {}),
    Mounts: record.mounts.filter((mount) => mount.Type !== 'tmpfs').map(mountPoint),
    Config: record.config,
    NetworkSettings: networkSettings(containers, record),
  };
}

/** State as the API has it; a container between two runs counts as running. */
export function stateOf(record: ContainerRecord): ContainerState {
  const { status, pid, exitCode, error, startedAt, finishedAt, oomKilled } = record.state;
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
  };
}

/** Endpoints by network name, for inspect and list. */
export function endpointSettings(
  { networks }: Containers,
  record: ContainerRecord,
): Readonly<Record<string, EndpointSettings>> {
  const known = new Map(networks.list().map((network) => [network.id, network]));
  return Object.fromEntries(
    Object.entries(record.networks).map(([name, member]): [string, EndpointSettings] => {
      const { endpoint, config } = member;
      const network = known.get(member.networkId);
      const [has4, has6] = [Boolean(endpoint?.address), Boolean(endpoint?.address6)];
      return [
        name,
        {
          ...{ IPAMConfig: config.IPAMConfig ?? null, Links: config.Links ?? null, Aliases: config.Aliases ?? null },
          ...{ DriverOpts: config.DriverOpts ?? null, GwPriority: config.GwPriority ?? 0 },
          MacAddress: endpoint?.mac ?? '',
          NetworkID: member.networkId,
          EndpointID: member.endpointId,
          Gateway: has4 ? (network?.gateway ?? '') : '',
          IPAddress: endpoint?.address ?? '',
          IPPrefixLen: has4 ? prefixLength(network?.subnet) : 0,
          IPv6Gateway: has6 ? (network?.gateway6 ?? '') : '',
          GlobalIPv6Address: endpoint?.address6 ?? '',
          GlobalIPv6PrefixLen: has6 ? prefixLength(network?.subnet6) : 0,
          DNSNames: network?.isDefault === true ? null : dnsNames(record, member.config.Aliases ?? []),
        },
      ];
    }),
  );
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

function dnsNames(record: ContainerRecord, aliases: readonly string[]): readonly string[] {
  return [...new Set([record.name, ...aliases, shortId(record.id), record.config.Hostname ?? ''].filter(Boolean))];
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

async function sizes(record: ContainerRecord, upper: string): Promise<{ SizeRw: number; SizeRootFs: number }> {
  const own = await folderSize(upper);
  const layers = await Promise.all(record.layers.map(folderSize));
  return { SizeRw: own, SizeRootFs: layers.reduce((sum, size) => sum + size, own) };
}

function prefixLength(subnet: string | undefined): number {
  return Number(subnet?.split('/')[1] ?? 0);
}
