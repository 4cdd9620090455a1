// Chooses subnets and addresses. Pure: what is taken is handed in, nothing is remembered here.
import { GantryError } from '../../base/error.ts';
import {
  contains,
  familyOf,
  formatAddress,
  formatPrefix,
  overlaps,
  parseAddress,
  parsePrefix,
  rangeOf,
  type Prefix,
} from './cidr.ts';
import type { NetworkSpec } from './types.ts';

/** Docker's local pools: 172.17–172.31 as /16, then 192.168.0.0/16 in /20 steps. */
export const DEFAULT_POOLS: readonly string[] = [
  ...Array.from({ length: 15 }, (_, index) => `172.${17 + index}.0.0/16`),
  ...Array.from({ length: 16 }, (_, index) => `192.168.${16 * index}.0/20`),
];

/** The first default pool that overlaps nothing taken (subnets, host routes, host addresses, nameservers). */
export function choosePool(taken: readonly string[]): string {
  const others = taken.filter((text) => familyOf(text) === 4).map(toPrefix);
  const free = DEFAULT_POOLS.map(parsePrefix).find((pool) => !others.some((other) => overlaps(pool, other)));
  if (free !== undefined) return formatPrefix(free);
  throw new GantryError('engine/forbidden', 'all predefined address pools have been fully subnetted', {
    hint: 'remove unused networks, or name a subnet with ipam.config',
  });
}

/** Refuses a subnet that overlaps one of another network. */
export function checkSubnet(
  subnet: string,
  others: readonly { readonly name: string; readonly subnet: string }[],
): void {
  const wanted = parsePrefix(subnet);
  const clash = others.find((other) => other.subnet !== '' && overlaps(wanted, parsePrefix(other.subnet)));
  if (clash === undefined) return;
  throw new GantryError(
    'engine/forbidden',
    'invalid pool request: Pool overlaps with other one on this address space',
    {
      hint: `${subnet} overlaps ${clash.subnet} of network ${clash.name}`,
    },
  );
}

/** The first host address of a subnet. */
export function defaultGateway(subnet: string): string {
  const prefix = parsePrefix(subnet);
  const { first, last } = rangeOf(prefix);
  if (first === last) throw new GantryError('engine/bad-parameter', `subnet ${subnet} has no room for a gateway`);
  return formatAddress(prefix.family, first + 1n);
}

/** What an address is taken from. */
export interface AddressPool {
  readonly subnet: string;
  /** "" = the whole subnet. */
  readonly range: string;
  /** Never given out: gateway and auxiliary addresses. */
  readonly reserved: readonly string[];
  readonly used: ReadonlySet<string>;
}

/** The lowest free address, or the wanted one. Throws when it is taken, outside the subnet, or none is left. */
export function takeAddress(pool: AddressPool, wanted: string): string {
  return wanted === '' ? lowestFree(pool) : fixedAddress(pool, wanted);
}

/** The IPv4 pool of a network. */
export function poolOf(network: NetworkSpec, used: ReadonlySet<string>): AddressPool {
  return { subnet: network.subnet, range: network.ipRange, reserved: [network.gateway, ...network.reserved], used };
}

/** The IPv6 pool of a network. */
export function poolOf6(network: NetworkSpec, used: ReadonlySet<string>): AddressPool {
  return { subnet: network.subnet6, range: '', reserved: [network.gateway6, ...network.reserved], used };
}

function toPrefix(text: string): Prefix {
  return parsePrefix(text.includes('/') ? text : `${text}/${familyOf(text) === 4 ? 32 : 128}`);
}

function lowestFree(pool: AddressPool): string {
  const subnet = parsePrefix(pool.subnet);
  const hosts = hostRange(subnet);
  const range = pool.range === '' ? hosts : rangeOf(parsePrefix(pool.range));
  const first = range.first > hosts.first ? range.first : hosts.first;
  const last = range.last < hosts.last ? range.last : hosts.last;
  const taken = new Set([...pool.reserved, ...pool.used].filter((text) => contains(subnet, text)).map(parseAddress));
  for (let value = first; value <= last; value++) if (!taken.has(value)) return formatAddress(subnet.family, value);
  throw new GantryError('engine/internal', "no available IPv4 addresses on this network's address pools", {
    hint: `every address of ${pool.range === '' ? pool.subnet : pool.range} is in use`,
  });
}

/** Without the network's own address and, in IPv4, the broadcast address; /31 and /32 have neither. */
function hostRange(subnet: Prefix): { readonly first: bigint; readonly last: bigint } {
  const { first, last } = rangeOf(subnet);
  if (last - first < 2n) return { first, last };
  return { first: first + 1n, last: subnet.family === 4 ? last - 1n : last };
}

function fixedAddress(pool: AddressPool, wanted: string): string {
  const subnet = parsePrefix(pool.subnet);
  const value = parseAddress(wanted);
  const hosts = hostRange(subnet);
  if (!contains(subnet, wanted) || value < hosts.first || value > hosts.last) {
    throw new GantryError(
      'engine/bad-parameter',
      `invalid address ${wanted}: it does not belong to the network's subnet ${pool.subnet}`,
    );
  }
  const canonical = formatAddress(subnet.family, value);
  if ([...pool.reserved, ...pool.used].some((text) => contains(subnet, text) && parseAddress(text) === value)) {
    throw new GantryError('engine/forbidden', 'Address already in use', { details: { address: canonical } });
  }
  return canonical;
}
