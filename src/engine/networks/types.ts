// What the engine says to the network area and gets back. Everything here is plain data that the engine keeps in its
// state: the area holds nothing that can't be made again from it after a restart of the daemon.
import type { Logger } from '../../base/log.ts';

/** Drivers a network may have. host and none have no bridge, no addresses and no rules. */
export type NetworkKind = 'bridge' | 'host' | 'none';

/** A network as it is stored (JSON-safe). Made by `defineNetwork`; the names of its links are fixed at creation. */
export interface NetworkSpec {
  /** 64 hex digits. */
  readonly id: string;
  readonly name: string;
  readonly driver: NetworkKind;
  /** "172.18.0.0/16"; "" with host and none. */
  readonly subnet: string;
  /** The bridge's own address, without prefix length. */
  readonly gateway: string;
  /** Part of the subnet that addresses are given from; "" = the whole subnet. */
  readonly ipRange: string;
  /** "fd00:…::/64", "" = no IPv6. */
  readonly subnet6: string;
  readonly gateway6: string;
  /** Addresses of the subnet that are never given out (aux addresses). */
  readonly reserved: readonly string[];
  readonly internal: boolean;
  /** False: containers of the network can't reach each other but by published ports. */
  readonly icc: boolean;
  readonly masquerade: boolean;
  readonly mtu: number;
  /** Link name of the bridge, at most 15 bytes. */
  readonly bridge: string;
  /** Link group of the bridge and its veths, never 0: one request removes them all. */
  readonly group: number;
  /** The bridge's own MAC, "02:42:…". */
  readonly mac: string;
  /** Host address published ports without one are bound to; "" = 0.0.0.0 and [::]. */
  readonly hostIp: string;
  /** True for the predefined network `bridge`: no resolver, host's nameservers. */
  readonly isDefault: boolean;
}

/** A container's place in one network, as it is stored while the container is connected. */
export interface EndpointSpec {
  readonly networkId: string;
  /** eth0, eth1 … in the order of connection. */
  readonly ifname: string;
  /** Link name of the host end, from `hostIfName`. */
  readonly hostIf: string;
  /** "02:42:ac:12:00:02". */
  readonly mac: string;
  /** Without prefix length; "" = none (host, none). */
  readonly address: string;
  readonly address6: string;
  /** Every name the container answers to in this network: its name, aliases, 12-digit id, hostname. */
  readonly names: readonly string[];
  /** Higher is preferred for the default route; then non-internal, then network name. */
  readonly gatewayPriority: number;
}

/** Transport of a published port. */
export type PortProtocol = 'tcp' | 'udp';

/** A port as asked for. */
export interface PortRequest {
  readonly containerPort: number;
  readonly proto: PortProtocol;
  /** "" = the network's `hostIp`, else 0.0.0.0 and [::]. */
  readonly hostIp: string;
  /** "" or "0" = any free one, "8080", "8000-8010". */
  readonly hostPort: string;
}

/** A port as given: one host address of one family. Stored; what `HostConfig.PortBindings` became. */
export interface PortSpec {
  /** "0.0.0.0", "::", "127.0.0.1" …, never "". */
  readonly hostIp: string;
  readonly hostPort: number;
  readonly proto: PortProtocol;
  readonly containerPort: number;
}

/** A name that one container alone can resolve (`links`). */
export interface LinkSpec {
  readonly name: string;
  readonly address: string;
}

/** Resolver settings of a container. */
export interface DnsSpec {
  /** `dns:`; empty = the host's nameservers. */
  readonly servers: readonly string[];
  readonly search: readonly string[];
  readonly options: readonly string[];
}

/** A container as the network area sees it. */
export interface ContainerNet {
  /** 64 hex digits. */
  readonly id: string;
  readonly endpoints: readonly EndpointSpec[];
  readonly ports: readonly PortSpec[];
  readonly links: readonly LinkSpec[];
  readonly dns: DnsSpec;
}

/** All that must stand: what `reapplyAll` makes true again. */
export interface NetworkState {
  readonly networks: readonly NetworkSpec[];
  /** Running (or prepared) containers only. */
  readonly containers: readonly ContainerNet[];
}

/** What the zygote does for networks. */
export interface NetOps {
  /** Runs encoded NET_OPS records in a helper; rejects with the failed step. */
  run(ops: Uint8Array, options: { readonly signal: AbortSignal }): Promise<void>;
  /** Resolves when anybody changes nftables rules from now on; rejects where the kernel can't tell. One call at a time. */
  rulesChanged(): Promise<void>;
}

/** One line of a network's name table. */
export interface NameEntry {
  readonly name: string;
  readonly address: string;
}

/** What the driver is given. */
export interface NetworkDriverOptions {
  /** EnginePaths.run and .tag. */
  readonly run: string;
  readonly tag: string;
  readonly ops: NetOps;
  readonly log: Logger;
  /** Told of something a person should act on, for example a DROP policy in the other iptables backend. */
  readonly warn: (warning: NetworkWarning) => void;
}

/** A state of the host that breaks networking in a way the engine can't mend itself. */
export interface NetworkWarning {
  readonly code: string;
  readonly message: string;
  /** The command that mends it. */
  readonly hint: string;
}

/** What every waiting call takes. */
export interface Waiting {
  readonly signal: AbortSignal;
}

/**
 * The side effects of networks. Order at a container's start: `ensureNetwork` of each network, `writeNames`,
 * `planContainer` → launch (veth, sockets, resolver) → `publish` → go. At its end: `unpublish` (safe to call twice),
 * `writeNames`. At start of the daemon: `reapplyAll` before anything else. Calls for different objects may overlap.
 */
export interface NetworkDriver {
  /** Makes the bridge of a network, cheap when it stands, and begins its guard, rules and forwarding: `publish` waits for those. */
  ensureNetwork(network: NetworkSpec, waiting: Waiting): Promise<void>;
  /** Removes rules, bridge, veths and name table and waits until they are gone; the last one restores ip_forward. */
  removeNetwork(network: NetworkSpec, waiting: Waiting): Promise<void>;
  /** The launch plan's records endpoint, dns, dnsUpstream and listen for a container. */
  planContainer(container: ContainerNet, networks: readonly NetworkSpec[]): Promise<readonly Buffer[]>;
  /** One endpoint record, for `endpointAdd` to a running shim (network connect). */
  planEndpoint(container: ContainerNet, networkId: string, networks: readonly NetworkSpec[]): Buffer;
  /** Waits for the rules of the networks, writes those of a container's ports and the names it alone resolves, and drops
   * stale conntrack entries of its UDP ports. Called again (without `unpublish`) when a network was joined or left: it
   * replaces what it wrote before. */
  publish(container: ContainerNet, networks: readonly NetworkSpec[], waiting: Waiting): Promise<void>;
  /** Removes the rules of a container and the conntrack entries of its addresses. */
  unpublish(container: ContainerNet, waiting: Waiting): Promise<void>;
  /** Replaces the name table of a network; running resolvers see it at their next question. */
  writeNames(network: NetworkSpec, entries: readonly NameEntry[]): Promise<void>;
  /** Makes host and state agree after a restart or reboot: bridges, rules, tables; drops what is nobody's. */
  reapplyAll(state: NetworkState, waiting: Waiting): Promise<void>;
  /** Stops checks and waits for writes under way; leaves all rules standing. */
  close(): Promise<void>;
}
