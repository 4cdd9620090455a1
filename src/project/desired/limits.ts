// Limits of a container: memory, processors, processes, devices. `deploy.resources` wins over the older attributes.
import type { Resources, ThrottleDevice } from '../../api/containers.ts';
import type { BlkioConfig } from '../../compose/model/service-parts.ts';
import type { Service } from '../../compose/model/service.ts';

/** What the API knows beyond `Resources`; engines apply what they can. */
export interface Limits extends Resources {
  readonly CpuRealtimePeriod?: number;
  readonly CpuRealtimeRuntime?: number;
  readonly CpuCount?: number;
  readonly CpuPercent?: number;
  readonly Isolation?: string;
  readonly DeviceRequests?: readonly object[];
  readonly BlkioWeightDevice?: readonly object[];
}

/** The limits of a service's containers. */
export function containerLimits(service: Service): Limits {
  return {
    CpuShares: service.cpu_shares ?? 0,
    CpuPeriod: service.cpu_period ?? 0,
    CpuQuota: service.cpu_quota ?? 0,
    CpusetCpus: service.cpuset ?? '',
    CgroupParent: service.cgroup_parent ?? '',
    DeviceCgroupRules: service.device_cgroup_rules ?? null,
    Devices: devices(service),
    Ulimits: ulimits(service),
    ...deployable(service),
    ...blkio(service.blkio_config),
    ...rare(service),
  };
}

function deployable(service: Service): Limits {
  const { limits, reservations } = service.deploy?.resources ?? {};
  return {
    Memory: limits?.memory ?? service.mem_limit ?? 0,
    MemoryReservation: reservations?.memory ?? service.mem_reservation ?? 0,
    MemorySwap: service.memswap_limit ?? 0,
    NanoCpus: Math.round((limits?.cpus ?? service.cpus ?? 0) * 1e9),
  };
}

/** Attributes few use: sent only when given, so that engines without them do not mind. */
function rare(service: Service): Limits {
  const pids = service.deploy?.resources?.limits?.pids ?? service.pids_limit;
  const requests = deviceRequests(service);
  return {
    ...(pids === undefined ? {} : { PidsLimit: pids }),
    ...(service.mem_swappiness === undefined ? {} : { MemorySwappiness: service.mem_swappiness }),
    ...(service.oom_kill_disable === undefined ? {} : { OomKillDisable: service.oom_kill_disable }),
    ...(service.cpu_rt_period === undefined ? {} : { CpuRealtimePeriod: service.cpu_rt_period }),
    ...(service.cpu_rt_runtime === undefined ? {} : { CpuRealtimeRuntime: service.cpu_rt_runtime }),
    ...(service.cpu_count === undefined ? {} : { CpuCount: service.cpu_count }),
    ...(service.cpu_percent === undefined ? {} : { CpuPercent: service.cpu_percent }),
    ...(service.isolation === undefined ? {} : { Isolation: service.isolation }),
    ...(requests.length === 0 ? {} : { DeviceRequests: requests }),
  };
}

function devices(service: Service): NonNullable<Resources['Devices']> {
  return (service.devices ?? []).map((device) => ({
    PathOnHost: device.source,
    PathInContainer: device.target ?? device.source,
    CgroupPermissions: device.permissions ?? 'rwm',
  }));
}

function ulimits(service: Service): NonNullable<Resources['Ulimits']> {
  return Object.entries(service.ulimits ?? {}).map(([Name, limit]) =>
    typeof limit === 'number' ? { Name, Soft: limit, Hard: limit } : { Name, Soft: limit.soft, Hard: limit.hard },
  );
}

function deviceRequests(service: Service): readonly object[] {
  const reserved = service.deploy?.resources?.reservations?.devices ?? [];
  const gpus = (service.gpus ?? []).map((gpu) => ({
    ...gpu,
    capabilities: [...new Set([...(gpu.capabilities ?? []), 'gpu'])],
  }));
  return [...reserved, ...gpus].map((request) => ({
    Driver: request.driver ?? '',
    Count: request.count ?? (request.device_ids === undefined ? -1 : 0),
    DeviceIDs: request.device_ids ?? null,
    Capabilities: [request.capabilities ?? []],
    Options: request.options ?? null,
  }));
}

function blkio(config: BlkioConfig | undefined): Limits {
  if (config === undefined) return {};
  const rates = (list: BlkioConfig['device_read_bps']): readonly ThrottleDevice[] =>
    (list ?? []).map((device) => ({ Path: device.path, Rate: device.rate }));
  return {
    BlkioWeight: config.weight ?? 0,
    BlkioWeightDevice: (config.weight_device ?? []).map((device) => ({ Path: device.path, Weight: device.weight })),
    BlkioDeviceReadBps: rates(config.device_read_bps),
    BlkioDeviceWriteBps: rates(config.device_write_bps),
    BlkioDeviceReadIOps: rates(config.device_read_iops),
    BlkioDeviceWriteIOps: rates(config.device_write_iops),
  };
}
