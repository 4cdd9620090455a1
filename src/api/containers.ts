// Bodies of the container and exec endpoints of the Docker Engine API (reference: the API's own definition).
// Declarations only. Everything a client may leave out is optional, and null means "default" everywhere.

/** A value, or null or nothing for the default. */
export type Maybe<T> = T | null | undefined;

export interface HealthConfig {
  /** `["NONE"]`, `["CMD", …]`, `["CMD-SHELL", line]`; empty inherits the image's. */
  readonly Test?: Maybe<readonly string[]>;
  /** Durations are nanoseconds; 0 = default. */
  readonly Interval?: Maybe<number>;
  readonly Timeout?: Maybe<number>;
  readonly Retries?: Maybe<number>;
  readonly StartPeriod?: Maybe<number>;
  readonly StartInterval?: Maybe<number>;
}

/** What a container is, independent of the host; also an image's `Config`. */
export interface ContainerConfig {
  readonly Hostname?: Maybe<string>;
  readonly Domainname?: Maybe<string>;
  readonly User?: Maybe<string>;
  readonly AttachStdin?: Maybe<boolean>;
  readonly AttachStdout?: Maybe<boolean>;
  readonly AttachStderr?: Maybe<boolean>;
  readonly ExposedPorts?: Maybe<Readonly<Record<string, object>>>;
  readonly Tty?: Maybe<boolean>;
  readonly OpenStdin?: Maybe<boolean>;
  readonly StdinOnce?: Maybe<boolean>;
  readonly Env?: Maybe<readonly string[]>;
  readonly Cmd?: Maybe<readonly string[]>;
  readonly Entrypoint?: Maybe<readonly string[]>;
  readonly Healthcheck?: Maybe<HealthConfig>;
  readonly Image?: Maybe<string>;
  readonly Volumes?: Maybe<Readonly<Record<string, object>>>;
  readonly WorkingDir?: Maybe<string>;
  readonly NetworkDisabled?: Maybe<boolean>;
  readonly MacAddress?: Maybe<string>;
  readonly OnBuild?: Maybe<readonly string[]>;
  readonly Labels?: Maybe<Readonly<Record<string, string>>>;
  readonly StopSignal?: Maybe<string>;
  /** Seconds. */
  readonly StopTimeout?: Maybe<number>;
  readonly Shell?: Maybe<readonly string[]>;
}

export interface PortBinding {
  readonly HostIp?: Maybe<string>;
  /** A number, a range `8000-8010`, or "" for a free one. */
  readonly HostPort?: Maybe<string>;
}

export interface RestartPolicy {
  readonly Name?: Maybe<'' | 'no' | 'always' | 'unless-stopped' | 'on-failure'>;
  readonly MaximumRetryCount?: Maybe<number>;
}

export interface MountSpec {
  readonly Type: 'bind' | 'volume' | 'tmpfs' | 'image' | 'npipe' | 'cluster';
  readonly Source?: Maybe<string>;
  readonly Target: string;
  readonly ReadOnly?: Maybe<boolean>;
  readonly BindOptions?: Maybe<{
    readonly Propagation?: Maybe<string>;
    readonly CreateMountpoint?: Maybe<boolean>;
    readonly NonRecursive?: Maybe<boolean>;
    readonly ReadOnlyNonRecursive?: Maybe<boolean>;
    readonly ReadOnlyForceRecursive?: Maybe<boolean>;
  }>;
  readonly VolumeOptions?: Maybe<{
    readonly NoCopy?: Maybe<boolean>;
    readonly Labels?: Maybe<Readonly<Record<string, string>>>;
    readonly Subpath?: Maybe<string>;
    readonly DriverConfig?: Maybe<{
      readonly Name?: Maybe<string>;
      readonly Options?: Maybe<Readonly<Record<string, string>>>;
    }>;
  }>;
  readonly TmpfsOptions?: Maybe<{ readonly SizeBytes?: Maybe<number>; readonly Mode?: Maybe<number> }>;
}

export interface Ulimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

export interface DeviceMapping {
  readonly PathOnHost: string;
  readonly PathInContainer?: Maybe<string>;
  readonly CgroupPermissions?: Maybe<string>;
}

/** A rate of one disk: bytes or operations a second. */
export interface ThrottleDevice {
  readonly Path: string;
  readonly Rate: number;
}

/** Limits; 0, null and nothing mean unlimited. Bytes for memory. */
export interface Resources {
  readonly Memory?: Maybe<number>;
  readonly MemorySwap?: Maybe<number>;
  readonly MemoryReservation?: Maybe<number>;
  readonly MemorySwappiness?: Maybe<number>;
  readonly NanoCpus?: Maybe<number>;
  readonly CpuShares?: Maybe<number>;
  readonly CpuPeriod?: Maybe<number>;
  readonly CpuQuota?: Maybe<number>;
  readonly CpusetCpus?: Maybe<string>;
  readonly CpusetMems?: Maybe<string>;
  readonly PidsLimit?: Maybe<number>;
  readonly BlkioWeight?: Maybe<number>;
  readonly BlkioDeviceReadBps?: Maybe<readonly ThrottleDevice[]>;
  readonly BlkioDeviceWriteBps?: Maybe<readonly ThrottleDevice[]>;
  readonly BlkioDeviceReadIOps?: Maybe<readonly ThrottleDevice[]>;
  readonly BlkioDeviceWriteIOps?: Maybe<readonly ThrottleDevice[]>;
  readonly OomKillDisable?: Maybe<boolean>;
  readonly Devices?: Maybe<readonly DeviceMapping[]>;
  readonly DeviceCgroupRules?: Maybe<readonly string[]>;
  readonly Ulimits?: Maybe<readonly Ulimit[]>;
  readonly CgroupParent?: Maybe<string>;
}

/** What a container may use of this host. */
export interface HostConfig extends Resources {
  readonly Binds?: Maybe<readonly string[]>;
  readonly Mounts?: Maybe<readonly MountSpec[]>;
  readonly VolumesFrom?: Maybe<readonly string[]>;
  readonly Tmpfs?: Maybe<Readonly<Record<string, string>>>;
  readonly NetworkMode?: Maybe<string>;
  readonly PortBindings?: Maybe<Readonly<Record<string, Maybe<readonly PortBinding[]>>>>;
  readonly PublishAllPorts?: Maybe<boolean>;
  readonly Links?: Maybe<readonly string[]>;
  readonly ExtraHosts?: Maybe<readonly string[]>;
  readonly Dns?: Maybe<readonly string[]>;
  readonly DnsOptions?: Maybe<readonly string[]>;
  readonly DnsSearch?: Maybe<readonly string[]>;
  readonly RestartPolicy?: Maybe<RestartPolicy>;
  readonly AutoRemove?: Maybe<boolean>;
  readonly CapAdd?: Maybe<readonly string[]>;
  readonly CapDrop?: Maybe<readonly string[]>;
  readonly Privileged?: Maybe<boolean>;
  readonly ReadonlyRootfs?: Maybe<boolean>;
  readonly SecurityOpt?: Maybe<readonly string[]>;
  readonly GroupAdd?: Maybe<readonly string[]>;
  readonly Init?: Maybe<boolean>;
  readonly IpcMode?: Maybe<string>;
  readonly PidMode?: Maybe<string>;
  readonly UTSMode?: Maybe<string>;
  readonly CgroupnsMode?: Maybe<string>;
  readonly UsernsMode?: Maybe<string>;
  readonly ShmSize?: Maybe<number>;
  readonly Sysctls?: Maybe<Readonly<Record<string, string>>>;
  readonly OomScoreAdj?: Maybe<number>;
  readonly LogConfig?: Maybe<{
    readonly Type?: Maybe<string>;
    readonly Config?: Maybe<Readonly<Record<string, string>>>;
  }>;
  readonly ConsoleSize?: Maybe<readonly [number, number]>;
  readonly MaskedPaths?: Maybe<readonly string[]>;
  readonly ReadonlyPaths?: Maybe<readonly string[]>;
  readonly Annotations?: Maybe<Readonly<Record<string, string>>>;
  readonly Runtime?: Maybe<string>;
  readonly StorageOpt?: Maybe<Readonly<Record<string, string>>>;
  readonly VolumeDriver?: Maybe<string>;
}

/** What a client asks of an endpoint. */
export interface EndpointConfig {
  readonly Aliases?: Maybe<readonly string[]>;
  readonly Links?: Maybe<readonly string[]>;
  readonly IPAMConfig?: Maybe<{
    readonly IPv4Address?: Maybe<string>;
    readonly IPv6Address?: Maybe<string>;
    readonly LinkLocalIPs?: Maybe<readonly string[]>;
  }>;
  readonly MacAddress?: Maybe<string>;
  readonly DriverOpts?: Maybe<Readonly<Record<string, string>>>;
  readonly GwPriority?: Maybe<number>;
}

/** Body of POST /containers/create. */
export interface CreateContainerBody extends ContainerConfig {
  readonly HostConfig?: Maybe<HostConfig>;
  readonly NetworkingConfig?: Maybe<{
    readonly EndpointsConfig?: Maybe<Readonly<Record<string, Maybe<EndpointConfig>>>>;
  }>;
}

/** Body of POST /containers/{id}/update. */
export interface UpdateContainerBody extends Resources {
  readonly RestartPolicy?: Maybe<RestartPolicy>;
}

export interface CreateContainerAnswer {
  readonly Id: string;
  readonly Warnings: readonly string[];
}

export type ContainerStatus = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

export interface HealthResult {
  readonly Start: string;
  readonly End: string;
  readonly ExitCode: number;
  readonly Output: string;
}

export interface Health {
  readonly Status: 'none' | 'starting' | 'healthy' | 'unhealthy';
  readonly FailingStreak: number;
  readonly Log: readonly HealthResult[];
}

/** Times are RFC3339Nano; never set is 0001-01-01T00:00:00Z. */
export interface ContainerState {
  readonly Status: ContainerStatus;
  readonly Running: boolean;
  readonly Paused: boolean;
  readonly Restarting: boolean;
  readonly OOMKilled: boolean;
  readonly Dead: boolean;
  readonly Pid: number;
  readonly ExitCode: number;
  readonly Error: string;
  readonly StartedAt: string;
  readonly FinishedAt: string;
  readonly Health?: Health;
}

/** An endpoint as inspect shows it. */
export interface EndpointSettings extends EndpointConfig {
  readonly NetworkID: string;
  readonly EndpointID: string;
  readonly Gateway: string;
  readonly IPAddress: string;
  readonly IPPrefixLen: number;
  readonly IPv6Gateway: string;
  readonly GlobalIPv6Address: string;
  readonly GlobalIPv6PrefixLen: number;
  readonly DNSNames: Maybe<readonly string[]>;
}

export interface MountPoint {
  readonly Type: string;
  readonly Name?: string;
  readonly Source: string;
  readonly Destination: string;
  readonly Driver?: string;
  readonly Mode: string;
  readonly RW: boolean;
  readonly Propagation: string;
}

export type PortMap = Readonly<
  Record<string, readonly { readonly HostIp: string; readonly HostPort: string }[] | null>
>;

export interface NetworkSettings {
  readonly Ports: PortMap;
  readonly Networks: Readonly<Record<string, EndpointSettings>>;
  readonly SandboxID: string;
  readonly SandboxKey: string;
  /** Of the default bridge only; gone from API 1.52. */
  readonly IPAddress: string;
  readonly Gateway: string;
  readonly MacAddress: string;
  readonly IPPrefixLen: number;
  readonly EndpointID: string;
}

/** Answer of GET /containers/{id}/json. */
export interface ContainerInspect {
  readonly Id: string;
  /** With a leading slash. */
  readonly Name: string;
  readonly Created: string;
  readonly Path: string;
  readonly Args: readonly string[];
  readonly State: ContainerState;
  /** The image's id. */
  readonly Image: string;
  readonly ResolvConfPath: string;
  readonly HostnamePath: string;
  readonly HostsPath: string;
  readonly LogPath: string;
  readonly RestartCount: number;
  readonly Driver: string;
  readonly Platform: string;
  readonly MountLabel: string;
  readonly ProcessLabel: string;
  readonly AppArmorProfile: string;
  readonly ExecIDs: readonly string[] | null;
  readonly HostConfig: HostConfig;
  readonly GraphDriver: { readonly Name: string; readonly Data: Readonly<Record<string, string>> | null };
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
  readonly Mounts: readonly MountPoint[];
  readonly Config: ContainerConfig;
  readonly NetworkSettings: NetworkSettings;
}

export interface PortSummary {
  readonly IP?: string;
  readonly PrivatePort: number;
  readonly PublicPort?: number;
  readonly Type: string;
}

/** Item of GET /containers/json. */
export interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[];
  readonly Image: string;
  readonly ImageID: string;
  readonly Command: string;
  /** Unix seconds. */
  readonly Created: number;
  readonly Ports: readonly PortSummary[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly State: ContainerStatus;
  /** `Up 5 seconds`, `Exited (0) 3 seconds ago` … */
  readonly Status: string;
  readonly HostConfig: { readonly NetworkMode: string };
  readonly NetworkSettings: { readonly Networks: Readonly<Record<string, EndpointSettings>> };
  readonly Mounts: readonly MountPoint[];
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
}

export interface WaitAnswer {
  readonly StatusCode: number;
  readonly Error?: { readonly Message: string };
}

/** Body of POST /containers/{id}/exec. */
export interface CreateExecBody {
  readonly AttachStdin?: Maybe<boolean>;
  readonly AttachStdout?: Maybe<boolean>;
  readonly AttachStderr?: Maybe<boolean>;
  readonly DetachKeys?: Maybe<string>;
  readonly Tty?: Maybe<boolean>;
  readonly Env?: Maybe<readonly string[]>;
  readonly Cmd?: Maybe<readonly string[]>;
  readonly Privileged?: Maybe<boolean>;
  readonly User?: Maybe<string>;
  readonly WorkingDir?: Maybe<string>;
  readonly ConsoleSize?: Maybe<readonly [number, number]>;
}

export interface StartExecBody {
  readonly Detach?: Maybe<boolean>;
  readonly Tty?: Maybe<boolean>;
  readonly ConsoleSize?: Maybe<readonly [number, number]>;
}

export interface ExecInspect {
  readonly ID: string;
  readonly Running: boolean;
  /** null while running. */
  readonly ExitCode: number | null;
  readonly ProcessConfig: {
    readonly tty: boolean;
    readonly entrypoint: string;
    readonly arguments: readonly string[];
    readonly privileged: boolean;
    readonly user?: string;
  };
  readonly OpenStdin: boolean;
  readonly OpenStderr: boolean;
  readonly OpenStdout: boolean;
  readonly CanRemove: boolean;
  readonly ContainerID: string;
  readonly DetachKeys: string;
  readonly Pid: number;
}
