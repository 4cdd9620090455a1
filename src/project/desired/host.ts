// The part of a create call that says what the container may use of the host.
import type { HostConfig, PortBinding, RestartPolicy } from '../../api/containers.ts';
import type { Service } from '../../compose/model/service.ts';

/** The host configuration without mounts, namespaces, networks and limits. */
export function hostBasics(service: Service): HostConfig {
  return {
    LogConfig: { Type: service.logging?.driver ?? '', Config: service.logging?.options ?? null },
    PortBindings: portBindings(service),
    RestartPolicy: restartPolicy(service),
    Runtime: service.runtime ?? '',
    ShmSize: service.shm_size ?? 0,
    Sysctls: service.sysctls ?? null,
    StorageOpt: service.storage_opt ?? null,
    ...(service.annotations === undefined ? {} : { Annotations: service.annotations }),
    ...(service.init === undefined ? {} : { Init: service.init }),
    ...naming(service),
    ...privileges(service),
  };
}

function naming(service: Service): HostConfig {
  return {
    Dns: service.dns ?? null,
    DnsOptions: service.dns_opt ?? null,
    DnsSearch: service.dns_search ?? null,
    ExtraHosts: extraHosts(service),
  };
}

function privileges(service: Service): HostConfig {
  return {
    CapAdd: service.cap_add ?? null,
    CapDrop: service.cap_drop ?? null,
    CgroupnsMode: service.cgroup ?? '',
    GroupAdd: service.group_add ?? null,
    OomScoreAdj: service.oom_score_adj ?? 0,
    Privileged: service.privileged ?? false,
    ReadonlyRootfs: service.read_only ?? false,
    UTSMode: service.uts ?? '',
    UsernsMode: service.userns_mode ?? '',
  };
}

function portBindings(service: Service): Record<string, PortBinding[]> {
  const bindings: Record<string, PortBinding[]> = {};
  for (const port of service.ports ?? []) {
    const key = `${port.target}/${port.protocol ?? 'tcp'}`;
    (bindings[key] ??= []).push({ HostIp: port.host_ip ?? '', HostPort: port.published ?? '' });
  }
  return bindings;
}

/** `deploy.restart_policy` wins over `restart`. Engines count restarts of what failed only. */
function restartPolicy(service: Service): RestartPolicy {
  const deployed = service.deploy?.restart_policy;
  if (deployed !== undefined) {
    const { condition = 'any', max_attempts: attempts = 0 } = deployed;
    const name = policyName(condition === 'any' && attempts > 0 ? 'on-failure' : condition);
    return { Name: name, MaximumRetryCount: name === 'on-failure' ? attempts : 0 };
  }
  const [name = '', attempts = '0'] = (service.restart ?? '').split(':');
  return { Name: policyName(name), MaximumRetryCount: Number(attempts) };
}

function policyName(name: string): NonNullable<RestartPolicy['Name']> {
  switch (name) {
    case 'any':
    case 'always':
      return 'always';
    case 'on-failure':
    case 'unless-stopped':
      return name;
    case 'none':
    case 'no':
      return 'no';
    default:
      return '';
  }
}

function extraHosts(service: Service): readonly string[] {
  return Object.entries(service.extra_hosts ?? {}).flatMap(([host, addresses]) =>
    addresses
      .flatMap((address) => address.split(','))
      .filter((address) => address.trim() !== '')
      .map((address) => `${host.trim()}:${address.trim()}`),
  );
}
