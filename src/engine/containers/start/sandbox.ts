// The network side of a start: addresses and ports are taken, bridges made sure of, and what the container is in its
// networks is written into its record. Everything is given back by `closeSandbox`.
import { randomBytes } from 'node:crypto';
import type { ContainerNet, EndpointSpec, LinkSpec, NetworkSpec } from '../../networks/types.ts';
import type { Waiting } from '../../networks/types.ts';
import type { Container } from '../container.ts';
import type { Containers } from '../context.ts';
import { interfaceNames } from '../interface-names.ts';
import { portRequests } from '../ports.ts';
import { shortId, type ContainerRecord, type Membership } from '../record.ts';

/** What a container is on the network for one run. */
export interface Sandbox {
  readonly net: ContainerNet;
  /** Networks with a bridge, in the order of connection. */
  readonly networks: readonly NetworkSpec[];
}

/** Takes addresses and ports and notes them in the record (not yet saved). On failure nothing is held. */
export async function openSandbox(containers: Containers, container: Container, waiting: Waiting): Promise<Sandbox> {
  try {
    const memberships = allocate(containers, container.record);
    container.record = { ...container.record, networks: memberships };
    const networks = bridgesOf(containers, container.record);
    await Promise.all(networks.map(async (network) => containers.networks.driver.ensureNetwork(network, waiting)));
    const ports = allocatePorts(containers, container.record, networks);
    container.record = { ...container.record, ports };
    await refreshNames(containers, networks);
    announceNetworks(containers, container, 'connect');
    return { net: containerNet(containers, container.record), networks };
  } catch (error) {
    await closeSandbox(containers, container);
    throw error;
  }
}

/** Gives everything back and takes its names out of the tables. Safe to call twice. */
export async function closeSandbox(containers: Containers, container: Container): Promise<void> {
  const networks = bridgesOf(containers, container.record);
  containers.networks.release(container.id);
  announceNetworks(containers, container, 'disconnect');
  const memberships = Object.entries(container.record.networks).map(([name, { networkId, config }]) => [
    name,
    { networkId, config, endpointId: '' },
  ]);
  container.record = {
    ...container.record,
    ports: [],
    networks: Object.fromEntries(memberships) as ContainerRecord['networks'],
  };
  await refreshNames(containers, networks);
}

/** The container as the network driver sees it. */
export function containerNet(containers: Containers, record: ContainerRecord): ContainerNet {
  const { host } = record;
  return {
    id: record.id,
    endpoints: Object.values(record.networks).flatMap((member) => member.endpoint ?? []),
    ports: record.ports,
    links: linksOf(containers, record),
    dns: { servers: host.Dns ?? [], search: host.DnsSearch ?? [], options: host.DnsOptions ?? [] },
  };
}

/** The bridge networks a record's endpoints are in. A network that is gone has none. */
export function bridgesOf({ networks }: Containers, record: ContainerRecord): readonly NetworkSpec[] {
  const ids = new Set(Object.values(record.networks).flatMap((member) => member.endpoint?.networkId ?? []));
  return networks.list().filter((network) => ids.has(network.id));
}

/** Makes name tables say what is true now. */
export async function refreshNames({ names }: Containers, networks: readonly NetworkSpec[]): Promise<void> {
  await Promise.all(networks.filter((network) => !network.isDefault).map(async (network) => names.refresh(network)));
}

/** Tells that a container came into or left its networks. */
function announceNetworks(containers: Containers, { record }: Container, action: 'connect' | 'disconnect'): void {
  const connected = Object.entries(record.networks).filter(([, member]) => member.endpointId !== '');
  for (const [name, { networkId }] of connected) announceNetwork(containers, record, { id: networkId, name, action });
}

/** The same for one network. */
export function announceNetwork(
  { engine, networks }: Containers,
  record: ContainerRecord,
  change: { readonly id: string; readonly name: string; readonly action: 'connect' | 'disconnect' },
): void {
  const type = networks.list().find((network) => network.id === change.id)?.driver ?? 'bridge';
  engine.events.emit('network', change.action, {
    id: change.id,
    attributes: { container: record.id, name: change.name, type },
  });
}

/** One endpoint of a container in a network. */
export function allocateEndpoint(
  containers: Containers,
  record: ContainerRecord,
  place: { readonly network: NetworkSpec; readonly member: Membership; readonly ifname: string },
): EndpointSpec {
  const { network, member, ifname } = place;
  const { config } = member;
  return containers.networks.allocateEndpoint({
    containerId: record.id,
    network,
    ifname,
    address: config.IPAMConfig?.IPv4Address ?? '',
    address6: config.IPAMConfig?.IPv6Address ?? '',
    mac: config.MacAddress || (ifname === 'eth0' ? (record.config.MacAddress ?? '') : ''),
    names: endpointNames(record, member),
    gatewayPriority: config.GwPriority ?? 0,
  });
}

/** What a container answers to in a network: its name, aliases, short id and hostname. */
export function endpointNames(record: ContainerRecord, member: Membership): readonly string[] {
  const names = [record.name, ...(member.config.Aliases ?? []), shortId(record.id), record.config.Hostname ?? ''];
  return [...new Set(names.filter(Boolean))];
}

function allocate(containers: Containers, record: ContainerRecord): Readonly<Record<string, Membership>> {
  const found = Object.entries(record.networks).map(([name, member]) => ({
    member,
    network: containers.networks.resolve(member.networkId || name),
  }));
  const names = interfaceNames(found.filter(isBridged).map(({ member }) => member.config)).values();
  const connected = found.map(({ member, network }): readonly [string, Membership] => {
    const joined = { ...member, networkId: network.id, endpointId: randomBytes(32).toString('hex') };
    if (!isBridged({ network })) return [network.name, joined];
    const ifname = names.next().value ?? '';
    return [network.name, { ...joined, endpoint: allocateEndpoint(containers, record, { network, member, ifname }) }];
  });
  return Object.fromEntries(connected);
}

const isBridged = ({ network }: { readonly network: NetworkSpec }): boolean => network.driver === 'bridge';

/** Only a network that reaches the outside can publish. */
function allocatePorts(
  { networks }: Containers,
  record: ContainerRecord,
  bridges: readonly NetworkSpec[],
): ContainerRecord['ports'] {
  const outward = bridges.find((network) => !network.internal);
  const requests = portRequests(record.config, record.host);
  if (outward === undefined || requests.length === 0) return [];
  return networks.allocatePorts(record.id, requests, outward.hostIp);
}

/** `name:alias` of endpoints, as addresses of the containers that run now. */
function linksOf({ store }: Containers, record: ContainerRecord): readonly LinkSpec[] {
  return Object.values(record.networks).flatMap((member) =>
    (member.config.Links ?? []).flatMap((link): LinkSpec[] => {
      const [name = '', alias = name] = link.split(':');
      const target = store.get(store.idOfName(name.replace(/^\//, '')) ?? '') ?? store.get(name);
      const endpoint = Object.values(target?.record.networks ?? {}).find(
        (other) => other.networkId === member.networkId,
      )?.endpoint;
      return endpoint === undefined || endpoint.address === '' ? [] : [{ name: alias, address: endpoint.address }];
    }),
  );
}
