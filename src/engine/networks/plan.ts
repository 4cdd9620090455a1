// The network records of a container's launch plan: endpoints, resolver, upstream servers, published ports.
import { encodeRecord } from '../shim/codec.ts';
import { DNS_FLAGS, ENDPOINT_FLAGS, LISTEN_FLAGS, PLAN } from '../shim/records.ts';
import { familyOf, parsePrefix } from './cidr.ts';
import { hasNdots, type ResolvConf } from './files.ts';
import { bridgesCallIptables } from './host-net.ts';
import { linksFile, macBytes, namesFile } from './link-names.ts';
import { gatewayPlace, placesOf, portTarget, type Place } from './rules.ts';
import type { ContainerNet, NetworkSpec, PortSpec } from './types.ts';

/** What the records are made from. */
export interface PlanInput {
  readonly run: string;
  readonly container: ContainerNet;
  readonly networks: readonly NetworkSpec[];
  /** The host's resolv.conf. */
  readonly host: ResolvConf;
}

const PROTOCOLS = { tcp: 6, udp: 17 } as const;
const MAX_UPSTREAMS = 3;

/** All records, in the order endpoint, dns, dnsUpstream, listen. */
export function containerRecords(input: PlanInput): readonly Buffer[] {
  const places = placesOf(input.container, input.networks);
  return [
    ...places.map((place) => endpointRecord(place, places)),
    // also where only the default network is: the container may join another one while it runs
    ...(places.length > 0 ? resolverRecords(input, places) : []),
    ...listenRecords(input),
  ];
}

/** The name tables of the networks a container is in. */
export function tablesOf(run: string, places: readonly Place[]): readonly string[] {
  return places.filter(({ network }) => !network.isDefault).map(({ network }) => namesFile(run, network.id));
}

/** One interface; only the gateway place has default routes. */
export function endpointRecord(place: Place, places: readonly Place[]): Buffer {
  const { network, endpoint } = place;
  const leads = gatewayPlace(places) === place && !network.internal;
  return encodeRecord(PLAN.endpoint, {
    ifname: endpoint.ifname,
    hostIf: endpoint.hostIf,
    bridge: network.bridge,
    group: network.group,
    mac: macBytes(endpoint.mac),
    mtu: network.mtu,
    address: withLength(endpoint.address, network.subnet),
    gateway: leads ? network.gateway : '',
    address6: withLength(endpoint.address6, network.subnet6),
    gateway6: leads && endpoint.address6 !== '' ? network.gateway6 : '',
    flags: isolated(network) ? ENDPOINT_FLAGS.isolated : 0,
  });
}

/** Without icc frames are kept apart by the bridge where iptables does not see them; where it does, an isolated port would
 * also stop what DNAT sends to a neighbour's published port. */
function isolated({ icc }: NetworkSpec): boolean {
  return !icc && !bridgesCallIptables();
}

/** Servers of `dns:` are asked from the container's namespace, the host's from the host's, and those not at all for
 * containers that are in internal networks only (a name must not carry data out: CVE-2024-29018). */
function resolverRecords({ run, container, networks, host }: PlanInput, places: readonly Place[]): readonly Buffer[] {
  const own = container.dns.servers.length > 0;
  const internal = portTarget(container, networks) === undefined;
  const servers = own ? container.dns.servers : internal ? [] : host.servers;
  const ndots = hasNdots(container.dns.options.length > 0 ? container.dns.options : host.options);
  return [
    encodeRecord(PLAN.dns, {
      links: linksFile(run, container.id),
      tables: tablesOf(run, places),
      flags: (internal && !own ? DNS_FLAGS.internal : 0) | (ndots ? DNS_FLAGS.ndots : 0),
    }),
    ...servers
      .filter((server) => !server.includes('%'))
      .slice(0, MAX_UPSTREAMS)
      .map((address) => encodeRecord(PLAN.dnsUpstream, { address, fromContainer: own ? 1 : 0 })),
  ];
}

/** IPv4 ports are only reserved, IPv6 ones lead to the container's IPv4 address. */
function listenRecords({ container, networks }: PlanInput): readonly Buffer[] {
  const target = portTarget(container, networks);
  if (target === undefined) return [];
  return container.ports.map((port) => listenRecord(port, target));
}

function listenRecord(port: PortSpec, { endpoint }: Place): Buffer {
  return encodeRecord(PLAN.listen, {
    hostIp: port.hostIp,
    hostPort: port.hostPort,
    proto: PROTOCOLS[port.proto],
    targetIp: endpoint.address,
    targetPort: port.containerPort,
    flags: familyOf(port.hostIp) === 6 ? LISTEN_FLAGS.proxy : 0,
  });
}

function withLength(address: string, subnet: string): string {
  return address === '' ? '' : `${address}/${parsePrefix(subnet).length}`;
}
