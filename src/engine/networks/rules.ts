// Which iptables rules networks, endpoints and published ports need (layout: reference runtime 2.2). Pure: the writer
// in firewall.ts makes them true. All values in a rule are ids, link names, addresses and numbers made by the engine.
import { familyOf } from './cidr.ts';
import type { ContainerNet, EndpointSpec, NetworkSpec, PortSpec } from './types.ts';

/** Tables in the order they are written: what drops comes first. */
export const TABLES = ['raw', 'filter', 'nat'] as const;

/** One of the tables in use. */
export type Table = (typeof TABLES)[number];

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
  /** Ports: ACCEPT in filter, DNAT in nat. */
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
export function baseRules(chains: Chains): readonly Rule[] {
  return [
    first('raw', 'PREROUTING', `-j ${chains.guard}`),
    first('raw', chains.guard, '-d 127.0.0.0/8 ! -i lo -j DROP'),
    first('filter', 'FORWARD', `-j ${chains.forward}`),
    ...[chains.established, chains.internal, chains.bridge].map((chain) =>
      last('filter', chains.forward, `-j ${chain}`),
    ),
    last('nat', 'PREROUTING', `-m addrtype --dst-type LOCAL -j ${chains.ports}`),
    last('nat', 'OUTPUT', `-m addrtype --dst-type LOCAL -j ${chains.ports}`),
    last('nat', 'POSTROUTING', `-j ${chains.post}`),
  ];
}

/** The rules of a bridge network. */
export function networkRules(network: NetworkSpec, chains: Chains): readonly Rule[] {
  if (network.driver !== 'bridge') return [];
  const { bridge, subnet } = network;
  if (network.internal) {
    return [
      last('filter', chains.internal, `! -d ${subnet} -i ${bridge} -j DROP`),
      last('filter', chains.internal, `! -s ${subnet} -o ${bridge} -j DROP`),
      last('filter', chains.forward, `-i ${bridge} -o ${bridge} -j ${network.icc ? 'ACCEPT' : 'DROP'}`),
    ];
  }
  return [
    last('filter', chains.established, `-o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`),
    last('filter', chains.bridge, `-o ${bridge} -j ${chains.ports}`),
    last('filter', chains.ports, `! -i ${bridge} -o ${bridge} -j DROP`),
    ...forwardRules(network, chains),
    ...masqueradeRules(network, chains),
  ];
}

/** The rules of a container's endpoints and published ports. */
export function containerRules(
  container: ContainerNet,
  networks: readonly NetworkSpec[],
  chains: Chains,
): readonly Rule[] {
  const places = placesOf(container, networks);
  const target = portTarget(container, networks);
  return [
    ...places.map(({ network, endpoint }) =>
      last('raw', chains.guard, `-d ${endpoint.address}/32 ! -i ${network.bridge} -j DROP`),
    ),
    ...(target === undefined ? [] : container.ports.flatMap((port) => portRules(port, target, chains))),
  ];
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

/** Without icc neighbours meet only by published ports; frames that iptables never sees are the bridge's to
 * keep apart (isolated ports). */
function forwardRules({ bridge, icc }: NetworkSpec, chains: Chains): readonly Rule[] {
  if (icc) return [last('filter', chains.forward, `-i ${bridge} -j ACCEPT`)];
  return [
    last('filter', chains.forward, `-i ${bridge} -o ${bridge} -m conntrack --ctstate DNAT -j ACCEPT`),
    last('filter', chains.forward, `-i ${bridge} -o ${bridge} -j DROP`),
    last('filter', chains.forward, `-i ${bridge} -j ACCEPT`),
  ];
}

/** To the outside; to a neighbour's published port, whose answer would else go round conntrack where bridges don't
 * call iptables; and from the host's localhost, whose source no container could answer. */
function masqueradeRules({ bridge, subnet, masquerade }: NetworkSpec, chains: Chains): readonly Rule[] {
  return [
    ...(masquerade ? [last('nat', chains.post, `-s ${subnet} ! -o ${bridge} -j MASQUERADE`)] : []),
    last('nat', chains.post, `-s ${subnet} -o ${bridge} -m conntrack --ctstate DNAT -j MASQUERADE`),
    last('nat', chains.post, `-s 127.0.0.0/8 -o ${bridge} -j MASQUERADE`),
  ];
}

function portRules(port: PortSpec, { network, endpoint }: Place, chains: Chains): readonly Rule[] {
  if (familyOf(port.hostIp) === 6) return [];
  const { proto, hostPort, containerPort } = port;
  const dport = (number: number): string => `-p ${proto} -m ${proto} --dport ${number}`;
  const host = port.hostIp === '0.0.0.0' ? '' : `-d ${port.hostIp}/32 `;
  return [
    {
      ...first(
        'filter',
        chains.ports,
        `-d ${endpoint.address}/32 ! -i ${network.bridge} -o ${network.bridge} ${dport(containerPort)} -j ACCEPT`,
      ),
    },
    last(
      'nat',
      chains.ports,
      `${host}${dport(hostPort)} -j DNAT --to-destination ${endpoint.address}:${containerPort}`,
    ),
  ];
}

function first(table: Table, chain: string, spec: string): Rule {
  return { table, chain, spec, first: true };
}

function last(table: Table, chain: string, spec: string): Rule {
  return { table, chain, spec, first: false };
}
