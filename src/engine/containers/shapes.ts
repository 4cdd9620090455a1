// Shapes of the bodies of the container and exec endpoints. Data only.
import { CONFIG_FIELDS } from '../http/config-shape.ts';
import type { Shape } from '../http/shape.ts';

const TEXTS: Shape = { map: 'text' };

const ENDPOINT: Shape = {
  fields: {
    ...{ Aliases: ['text'], Links: ['text'], MacAddress: 'text', DriverOpts: TEXTS, GwPriority: 'number' },
    IPAMConfig: { fields: { IPv4Address: 'text', IPv6Address: 'text', LinkLocalIPs: ['text'] } },
  },
};

const MOUNT: Shape = {
  fields: {
    ...{ Type: 'text', Source: 'text', Target: 'text', ReadOnly: 'flag' },
    BindOptions: {
      fields: {
        ...{ Propagation: 'text', CreateMountpoint: 'flag', NonRecursive: 'flag' },
        ...{ ReadOnlyNonRecursive: 'flag', ReadOnlyForceRecursive: 'flag' },
      },
    },
    VolumeOptions: {
      fields: {
        ...{ NoCopy: 'flag', Labels: TEXTS, Subpath: 'text' },
        DriverConfig: { fields: { Name: 'text', Options: TEXTS } },
      },
    },
    TmpfsOptions: { fields: { SizeBytes: 'number', Mode: 'number' } },
  },
};

const THROTTLES = [{ fields: { Path: 'text', Rate: 'number' } }] as const satisfies Shape;

const RESOURCES = {
  ...{ Memory: 'number', MemorySwap: 'number', MemoryReservation: 'number', MemorySwappiness: 'number' },
  ...{ NanoCpus: 'number', CpuShares: 'number', CpuPeriod: 'number', CpuQuota: 'number' },
  ...{ CpusetCpus: 'text', CpusetMems: 'text', PidsLimit: 'number', BlkioWeight: 'number', OomKillDisable: 'flag' },
  ...{ DeviceCgroupRules: ['text'], CgroupParent: 'text' },
  Devices: [{ fields: { PathOnHost: 'text', PathInContainer: 'text', CgroupPermissions: 'text' } }],
  Ulimits: [{ fields: { Name: 'text', Soft: 'number', Hard: 'number' } }],
  ...{ BlkioDeviceReadBps: THROTTLES, BlkioDeviceWriteBps: THROTTLES },
  ...{ BlkioDeviceReadIOps: THROTTLES, BlkioDeviceWriteIOps: THROTTLES },
  RestartPolicy: { fields: { Name: 'text', MaximumRetryCount: 'number' } },
} as const satisfies Readonly<Record<string, Shape>>;

const HOST: Shape = {
  fields: {
    ...RESOURCES,
    ...{ Binds: ['text'], Mounts: [MOUNT], VolumesFrom: ['text'], Tmpfs: TEXTS, NetworkMode: 'text' },
    PortBindings: { map: [{ fields: { HostIp: 'text', HostPort: 'text' } }] },
    ...{ PublishAllPorts: 'flag', Links: ['text'], ExtraHosts: ['text'], Dns: ['text'], DnsOptions: ['text'] },
    ...{ DnsSearch: ['text'], AutoRemove: 'flag', CapAdd: ['text'], CapDrop: ['text'], Privileged: 'flag' },
    ...{ ReadonlyRootfs: 'flag', SecurityOpt: ['text'], GroupAdd: ['text'], Init: 'flag', IpcMode: 'text' },
    ...{ PidMode: 'text', UTSMode: 'text', CgroupnsMode: 'text', UsernsMode: 'text', ShmSize: 'number' },
    ...{ Sysctls: TEXTS, OomScoreAdj: 'number', ConsoleSize: ['number'], MaskedPaths: ['text'] },
    ...{ ReadonlyPaths: ['text'], Annotations: TEXTS, Runtime: 'text', StorageOpt: TEXTS, VolumeDriver: 'text' },
    LogConfig: { fields: { Type: 'text', Config: TEXTS } },
  },
};

/** POST /containers/create. */
export const CREATE_BODY: Shape = {
  fields: {
    ...CONFIG_FIELDS,
    HostConfig: HOST,
    NetworkingConfig: { fields: { EndpointsConfig: { map: ENDPOINT } } },
  },
};

/** POST /containers/{id}/update. */
export const UPDATE_BODY: Shape = { fields: RESOURCES };

/** POST /containers/{id}/exec. */
export const EXEC_BODY: Shape = {
  fields: {
    ...{ AttachStdin: 'flag', AttachStdout: 'flag', AttachStderr: 'flag', DetachKeys: 'text', Tty: 'flag' },
    ...{ Env: ['text'], Cmd: 'words', Privileged: 'flag', User: 'text', WorkingDir: 'text', ConsoleSize: ['number'] },
  },
};

/** POST /exec/{id}/start. */
export const EXEC_START_BODY: Shape = { fields: { Detach: 'flag', Tty: 'flag', ConsoleSize: ['number'] } };
