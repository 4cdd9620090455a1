// Which addresses and ports are held by which container. In memory: `adopt` fills it again at start from the state, and
// everything it gives out is stored by the caller before anyone is told.
import { hostIfName, macOf } from './link-names.ts';
import { poolOf, poolOf6, takeAddress } from './ipam.ts';
import { PortTable, type PortSettings } from './port-table.ts';
import type { EndpointSpec, PortRequest, PortSpec } from './types.ts';
import type { EndpointRequest } from '../services.ts';

/** Addresses and ports of one engine. */
export class Allocations {
  /** By network id, then container id. */
  readonly #endpoints = new Map<string, Map<string, EndpointSpec>>();
  readonly #ports: PortTable;

  constructor(settings: PortSettings) {
    this.#ports = new PortTable(settings);
  }

  /** Takes addresses in a network; held until `release`. A second request of a container replaces its first. */
  allocateEndpoint(wish: EndpointRequest): EndpointSpec {
    const members = this.#members(wish.network.id);
    members.delete(wish.containerId);
    const endpoint = makeEndpoint(wish, [...members.values()]);
    members.set(wish.containerId, endpoint);
    return endpoint;
  }

  /** Takes host ports; all or none. */
  allocatePorts(containerId: string, requests: readonly PortRequest[], hostIp: string): readonly PortSpec[] {
    return this.#ports.take(containerId, requests, hostIp);
  }

  /** Gives back one network's addresses, or everything with the ports when none is named. */
  release(containerId: string, networkId?: string): void {
    if (networkId !== undefined) {
      this.#endpoints.get(networkId)?.delete(containerId);
      return;
    }
    for (const members of this.#endpoints.values()) members.delete(containerId);
    this.#ports.release(containerId);
  }

  /** Marks what a living container holds. */
  adopt(containerId: string, endpoints: readonly EndpointSpec[], ports: readonly PortSpec[]): void {
    for (const endpoint of endpoints) this.#members(endpoint.networkId).set(containerId, endpoint);
    this.#ports.adopt(containerId, ports);
  }

  /** Endpoints that are held in a network. */
  endpointsOf(networkId: string): readonly EndpointSpec[] {
    return [...this.#members(networkId).values()];
  }

  #members(networkId: string): Map<string, EndpointSpec> {
    const members = this.#endpoints.get(networkId) ?? new Map<string, EndpointSpec>();
    this.#endpoints.set(networkId, members);
    return members;
  }
}

function makeEndpoint(wish: EndpointRequest, others: readonly EndpointSpec[]): EndpointSpec {
  const { network, names, gatewayPriority } = wish;
  const base = { networkId: network.id, names, gatewayPriority };
  if (network.driver !== 'bridge') return { ...base, ifname: '', hostIf: '', mac: '', address: '', address6: '' };
  const used = (pick: (endpoint: EndpointSpec) => string): ReadonlySet<string> => new Set(others.map(pick));
  const address = takeAddress(
    poolOf(
      network,
      used((other) => other.address),
    ),
    wish.address,
  );
  const address6 =
    network.subnet6 === ''
      ? ''
      : takeAddress(
          poolOf6(
            network,
            used((other) => other.address6),
          ),
          wish.address6,
        );
  const mac = wish.mac === '' ? macOf(address) : wish.mac;
  return { ...base, ifname: wish.ifname, hostIf: hostIfName(), mac, address, address6 };
}
