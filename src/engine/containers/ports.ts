// Published ports: from bindings to requests, and back to what `inspect` and `ps` show.
import type { ContainerConfig, HostConfig, PortMap, PortSummary } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import type { PortProtocol, PortRequest, PortSpec } from '../networks/types.ts';

/** A container port by its key, `80/tcp`. */
interface ContainerPort {
  readonly port: number;
  readonly proto: PortProtocol;
}

/** The ports a start has to publish. */
export function portRequests(config: ContainerConfig, host: HostConfig): readonly PortRequest[] {
  const bound = Object.entries(host.PortBindings ?? {}).flatMap(([key, bindings]) => {
    const { port, proto } = parsePort(key);
    const given = bindings === null || bindings === undefined || bindings.length === 0 ? [{}] : bindings;
    return given.map((binding) => ({
      containerPort: port,
      proto,
      hostIp: binding.HostIp ?? '',
      hostPort: binding.HostPort ?? '',
    }));
  });
  if (host.PublishAllPorts !== true) return bound;
  const named = new Set(bound.map(({ containerPort, proto }) => `${containerPort}/${proto}`));
  const rest = Object.keys(config.ExposedPorts ?? {}).map(parsePort);
  const free = rest.filter(({ port, proto }) => !named.has(`${port}/${proto}`));
  return [...bound, ...free.map(({ port, proto }) => ({ containerPort: port, proto, hostIp: '', hostPort: '' }))];
}

/** Throws engine/bad-parameter for ports that are none. */
export function checkPorts(config: ContainerConfig, host: HostConfig): void {
  for (const key of Object.keys(config.ExposedPorts ?? {})) parsePort(key);
  for (const { hostPort } of portRequests(config, host)) checkHostPort(hostPort);
}

/** `80/tcp` → bindings; exposed but unpublished ones have null. */
export function portMap(config: ContainerConfig, ports: readonly PortSpec[]): PortMap {
  const map: Record<string, { HostIp: string; HostPort: string }[] | null> = {};
  for (const key of Object.keys(config.ExposedPorts ?? {})) map[key] = null;
  for (const { hostIp, hostPort, proto, containerPort } of ports) {
    const key = `${containerPort}/${proto}`;
    map[key] = [...(map[key] ?? []), { HostIp: hostIp, HostPort: String(hostPort) }];
  }
  return map;
}

/** The same as a list. */
export function portSummaries(config: ContainerConfig, ports: readonly PortSpec[]): readonly PortSummary[] {
  return Object.entries(portMap(config, ports)).flatMap(([key, bindings]): PortSummary[] => {
    const { port, proto } = parsePort(key);
    if (bindings === null) return [{ PrivatePort: port, Type: proto }];
    return bindings.map(({ HostIp, HostPort }) => ({
      IP: HostIp,
      PrivatePort: port,
      PublicPort: Number(HostPort),
      Type: proto,
    }));
  });
}

function parsePort(key: string): ContainerPort {
  const match = /^(\d+)(?:\/(tcp|udp))?$/.exec(key.toLowerCase());
  const port = Number(match?.[1]);
  if (match === null || port < 1 || port > 65_535)
    throw new GantryError('engine/bad-parameter', `invalid port specification: "${key}"`);
  return { port, proto: match[2] === 'udp' ? 'udp' : 'tcp' };
}

function checkHostPort(text: string): void {
  const ports = text.split('-').map(Number);
  const [from = 0, to = from] = ports;
  const isValid = text === '' || (/^\d+(-\d+)?$/.test(text) && to <= 65_535 && from <= to);
  if (!isValid) throw new GantryError('engine/bad-parameter', `invalid port specification: "${text}"`);
}
