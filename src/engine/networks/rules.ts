// Which iptables rules networks, endpoints and published ports need (layout: reference runtime 2.2). Pure: the writer
// in firewall.ts makes them true. All values in a rule are ids, link names, addresses and numbers made by the engine.
import { familyOf } from './cidr.ts';
import type { ContainerNet, EndpointSpec, NetworkSpec, PortSpec } from './types.ts';

/** Tables in the order they are written. Nothing may run on rules that are half written, so the order is free, and this one
 * is quick: iptables-nft-restore asks the kernel about each extension it meets for the first time and then waits until
 * transactions before are cleared up (10 to 25 ms each); here they are all met in the first table. */
export const TABLES = ['nat', 'filter', 'raw'] as const;

/** One of the tables in use. */
export type Table = (typeof TABLES)[number];

/** Address families; each has rules of its own. */
export type Family = 4 | 6;

/** A rule in a chain. */
export interface Rule {
  readonly table: Table;
  readonly chain: string;
  /** Matches and target, as iptables takes them. */
  readonly spec: string;
  /** Stands before the rules that are not `first`. */
  readonly first: boolean;
}

/** The chains of one engine, by duty. */
export interface Chains {
  readonly forward: string;
  readonly established: string;
  readonly internal: string;
  readonly bridge: string;
  /** What may come in from outside the bridge (filter); where published ports lead (nat). */
  readonly ports: string;
  readonly post: string;
  readonly guard: string;
}

/** Chain names with the engine's tag; at most 28 bytes. */
export function chainNames(tag: string): Chains {
  const base = tag === '' ? 'GANTRY' : `GANTRY-${tag}`;
  return {
    forward: `${base}-FORWARD`,
    established: `${base}-CT`,
    internal: `${base}-INTERNAL`,
    bridge: `${base}-BRIDGE`,
    ports: base,
    post: `${base}-POST`,
    guard: `${base}-RAW`,
  };
}

/** The engine's own chains in a table. */
export function ownChains(chains: Chains, table: Table): readonly string[] {
  switch (table) {
    case 'raw':
      return [chains.guard];
    case 'filter':
      return [chains.forward, chains.established, chains.internal, chains.bridge, chains.ports];
    case 'nat':
      return [chains.ports, chains.post];
  }
}

/** A rule as text that tells it from all others. */
export function ruleKey(rule: Rule): string {
  return `${rule.table} ${rule.chain} ${rule.spec}`;
}

/** What stands as long as there is any network: the ways into our chains, and no way to the host's 127/8. */
export function baseRules(chains: Chains, family: Family): readonly Rule[] {
  const { guard, forward, established, internal, bridge, ports, post } = chains;
  // ::1 can't be routed to a bridge: it is the proxy's
  const own = family === 4 ? '' : '! -d ::1/128 ';
  return [
    first('raw', 'PREROUTING', `-j ${guard}`),
    ...(family === 4 ? [first('raw', guard, '-d 127.0.0.0/8 ! -i lo -j DROP')] : []),
    first('filter', 'FORWARD', `-j ${forward}`),
    ...[established, internal, bridge].map((chain) => last('filter', forward, `-j ${chain}`)),
    last('nat', 'PREROUTING', `-m addrtype --dst-type LOCAL -j ${ports}`),
    last('nat', 'OUTPUT', `${own}-m addrtype --dst-type LOCAL -j ${ports}`),
    last('nat', 'POSTROUTING', `-j ${post}`),
  ];
}

/** The rules of a bridge network. They close all its addresses before there is any container, so that a container needs
 * rules for its published ports only: adding is fast, and deleting costs the kernel many milliseconds. */
export function networkRules(network: NetworkSpec, chains: Chains, family: Family): readonly Rule[] {
  const side = sideOf(network, family);
  if (network.driver !== 'bridge' || side === undefined) return [];
  const { bridge, icc } = network;
  const { subnet } = side;
  const guard = guardRules(bridge, side, chains);
  if (network.internal) {
    return [
      ...guard,
      last('filter', chains.internal, `! -d ${subnet} -i ${bridge} -j DROP`),
      last('filter', chains.internal, `! -s ${subnet} -o ${bridge} -j DROP`),
      last('filter', chains.forward, `-i ${bridge} -o ${bridge} -j ${icc ? 'ACCEPT' : 'DROP'}`),
    ];
  }
  return [
    ...guard,
    last('filter', chains.established, `-o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`),
    last('filter', chains.bridge, `-o ${bridge} -j ${chains.ports}`),
    last('filter', chains.ports, `-o ${bridge} -m conntrack --ctstate DNAT -j ACCEPT`),
    last('filter', chains.ports, `! -i ${bridge} -o ${bridge} -j DROP`),
    ...(icc ? [] : [last('filter', chains.forward, `-i ${bridge} -o ${bridge} -j DROP`)]),
    last('filter', chains.forward, `-i ${bridge} -j ACCEPT`),
    ...masqueradeRules(network, side, chains),
  ];
}

/** The rules of a container's published ports. */
export function containerRules(
  container: ContainerNet,
  networks: readonly NetworkSpec[],
  { chains, family }: { readonly chains: Chains; readonly family: Family },
): readonly Rule[] {
  const endpoint = portTarget(container, networks)?.endpoint;
  const address = family === 4 ? endpoint?.address : endpoint?.address6;
  if (address === undefined || address === '') return [];
  const ports = container.ports.filter(({ hostIp }) => familyOf(hostIp) === family);
  return ports.map((port) => last('nat', chains.ports, portSpec(port, address)));
}

/** An endpoint and its network. */
export interface Place {
  readonly network: NetworkSpec;
  readonly endpoint: EndpointSpec;
}

/** A container's places in bridge networks, in the order of its endpoints. */
export function placesOf(container: ContainerNet, networks: readonly NetworkSpec[]): readonly Place[] {
  return container.endpoints.flatMap((endpoint) => {
    const network = networks.find((one) => one.id === endpoint.networkId);
    return network?.driver === 'bridge' && endpoint.address !== '' ? [{ network, endpoint }] : [];
  });
}

/** The place default routes and published ports use: highest priority, then non-internal, then network name. */
export function gatewayPlace(places: readonly Place[]): Place | undefined {
  const order = (a: Place, b: Place): number =>
    b.endpoint.gatewayPriority - a.endpoint.gatewayPriority ||
    Number(a.network.internal) - Number(b.network.internal) ||
    (a.network.name < b.network.name ? -1 : 1);
  return places.toSorted(order)[0];
}

/** Where published ports lead; undefined when every network is internal. */
export function portTarget(container: ContainerNet, networks: readonly NetworkSpec[]): Place | undefined {
  return gatewayPlace(placesOf(container, networks).filter(({ network }) => !network.internal));
}

/** A network's addresses of one family. */
interface Side {
  readonly family: Family;
  readonly subnet: string;
  readonly gateway: string;
}

function sideOf({ subnet, gateway, subnet6, gateway6 }: NetworkSpec, family: Family): Side | undefined {
  if (family === 4) return subnet === '' ? undefined : { family, subnet, gateway };
  return subnet6 === '' ? undefined : { family, subnet: subnet6, gateway: gateway6 };
}

/** Nobody but its own bridge reaches a container's address: others come by published ports. The gateway is the host's. */
function guardRules(bridge: string, { family, subnet, gateway }: Side, { guard }: Chains): readonly Rule[] {
  return [
    last('raw', guard, `-d ${gateway}/${family === 4 ? 32 : 128} -j RETURN`),
    last('raw', guard, `-d ${subnet} ! -i ${bridge} -j DROP`),
  ];
}

/** To the outside; to a neighbour's published port, whose answer would else go round conntrack where bridges don't
 * call iptables; and from the host's localhost, whose source no container could answer. */
function masqueradeRules(
  { bridge, masquerade }: NetworkSpec,
  { family, subnet }: Side,
  chains: Chains,
): readonly Rule[] {
  return [
    ...(masquerade ? [last('nat', chains.post, `-s ${subnet} ! -o ${bridge} -j MASQUERADE`)] : []),
    last('nat', chains.post, `-s ${subnet} -o ${bridge} -m conntrack --ctstate DNAT -j MASQUERADE`),
    ...(family === 4 ? [last('nat', chains.post, `-s 127.0.0.0/8 -o ${bridge} -j MASQUERADE`)] : []),
  ];
}

function portSpec({ hostIp, hostPort, proto, containerPort }: PortSpec, address: string): string {
  const any = hostIp === '0.0.0.0' || hostIp === '::';
  const target = familyOf(address) === 4 ? address : `[${address}]`;
  const host = any ? '' : `-d ${hostIp}/${familyOf(hostIp) === 4 ? 32 : 128} `;
  return `${host}-p ${proto} -m ${proto} --dport ${hostPort} -j DNAT --to-destination ${target}:${containerPort}`;
}

function first(table: Table, chain: string, spec: string): Rule {
  return { table, chain, spec, first: true };
}

function last(table: Table, chain: string, spec: string): Rule {
  return { table, chain, spec, first: false };
}
