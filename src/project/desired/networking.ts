// How a container joins its networks and whose namespaces it shares.
import type { EndpointConfig as Endpoint, HostConfig } from '../../api/containers.ts';
import type { EndpointConfig } from '../../compose/model/mounts.ts';
import type { Project } from '../../compose/model/project.ts';
import type { Service } from '../../compose/model/service.ts';
import { containerName } from '../names.ts';

/** The engine's names of a service's networks, the primary one first: higher priority, then name. */
export function networksOf(project: Project, service: Service): readonly { key: string; name: string }[] {
  if (service.network_mode !== undefined) return [];
  return Object.entries(service.networks ?? {})
    .sort(([a, left], [b, right]) => (right?.priority ?? 0) - (left?.priority ?? 0) || (a < b ? -1 : 1))
    .map(([key]) => ({ key, name: project.networks[key]?.name ?? key }));
}

/** One endpoint per network, by the engine's name of the network. */
export function endpoints(project: Project, service: Service, container: string): Record<string, Endpoint> {
  const links = linksOf(project, service);
  const joined = networksOf(project, service).map(({ key, name }) => {
    const own = service.networks?.[key] ?? {};
    return [name, endpoint(own, { aliases: [container, service.name], links, service })] as const;
  });
  return Object.fromEntries(joined);
}

/** Modes of the namespaces; references to services become names of their first container. */
export function namespaces(project: Project, service: Service): HostConfig {
  // on networks of its own the links go with the endpoints, and some engines refuse them here
  const links = service.network_mode === undefined ? [] : linksOf(project, service);
  return {
    NetworkMode: networkMode(project, service),
    PidMode: sharedWith(project, service.pid),
    IpcMode: sharedWith(project, service.ipc),
    Links: links.length === 0 ? null : links,
    VolumesFrom: volumesFrom(project, service),
  };
}

/** Services whose containers must exist before this one can be created. */
export function createdAfter(service: Service): readonly string[] {
  const shared = [service.network_mode, service.pid, service.ipc].map(sharedService);
  const volumes = (service.volumes_from ?? []).filter((from) => !from.startsWith('container:'));
  const links = (service.links ?? []).map((link) => link.split(':')[0]);
  return [...shared, ...volumes.map((from) => from.split(':')[0]), ...links].filter((name) => name !== undefined);
}

/** Services whose namespaces or volumes this one uses: it is remade when they are. */
export function boundTo(service: Service): readonly string[] {
  const links = new Set((service.links ?? []).map((link) => link.split(':')[0]));
  const shared = [service.network_mode, service.pid, service.ipc]
    .map(sharedService)
    .filter((name) => name !== undefined);
  const volumes = createdAfter(service).filter((name) => !links.has(name));
  return [...new Set([...shared, ...volumes])];
}

interface EndpointExtras {
  readonly aliases: readonly string[];
  readonly links: readonly string[];
  readonly service: Service;
}

function endpoint(own: EndpointConfig, extras: EndpointExtras): Endpoint {
  const fixed = own.ipv4_address !== undefined || own.ipv6_address !== undefined || own.link_local_ips !== undefined;
  const mac = own.mac_address ?? extras.service.mac_address;
  return {
    IPAMConfig: fixed
      ? { IPv4Address: own.ipv4_address, IPv6Address: own.ipv6_address, LinkLocalIPs: own.link_local_ips }
      : null,
    Links: extras.links.length === 0 ? null : extras.links,
    Aliases: [...new Set([...extras.aliases, ...(own.aliases ?? [])])],
    ...(mac === undefined ? {} : { MacAddress: mac }),
    ...driverOptions(own),
    ...(own.gw_priority === undefined ? {} : { GwPriority: own.gw_priority }),
  };
}

/** The name of an interface is an option of its driver in the API. */
function driverOptions({ driver_opts: own, interface_name: name }: EndpointConfig): Endpoint {
  if (own === undefined && name === undefined) return {};
  return { DriverOpts: { ...own, ...(name === undefined ? {} : { 'com.docker.network.endpoint.ifname': name }) } };
}

/** `container:alias` for each name a link promises. */
function linksOf(project: Project, service: Service): readonly string[] {
  const own = (service.links ?? []).flatMap((link) => {
    const [target = '', alias = target] = link.split(':');
    const name = firstContainer(project, target);
    return [alias, `${target}-1`, `${project.name}-${target}-1`].map((given) => `${name}:${given}`);
  });
  const outside = (service.external_links ?? []).map((link) => (link.includes(':') ? link : `${link}:${link}`));
  return [...new Set([...own, ...outside])];
}

function networkMode(project: Project, service: Service): string {
  if (service.network_mode !== undefined) return sharedWith(project, service.network_mode);
  return networksOf(project, service)[0]?.name ?? 'none';
}

function sharedWith(project: Project, mode: string | undefined): string {
  const target = sharedService(mode);
  return target === undefined ? (mode ?? '') : `container:${firstContainer(project, target)}`;
}

function sharedService(mode: string | undefined): string | undefined {
  return mode?.startsWith('service:') === true ? mode.slice('service:'.length) : undefined;
}

function volumesFrom(project: Project, service: Service): readonly string[] | null {
  if (service.volumes_from === undefined || service.volumes_from.length === 0) return null;
  return service.volumes_from.map((from) => {
    if (from.startsWith('container:')) return from.slice('container:'.length);
    const [target = '', mode] = from.split(':');
    return [firstContainer(project, target), mode].filter(Boolean).join(':');
  });
}

function firstContainer(project: Project, name: string): string {
  const service = project.services[name] ?? project.disabled_services[name];
  return service === undefined ? `${project.name}-${name}-1` : containerName(project.name, service, 1);
}
