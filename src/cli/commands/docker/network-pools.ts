// The flags --subnet, --gateway, --ip-range and --aux-address as pools: each goes to the subnet that contains it.
import { BlockList, isIP } from 'node:net';
import type { IpamPool } from '../../../api/objects.ts';
import { GantryError } from '../../../base/error.ts';

/** The flags. */
export interface PoolFlags {
  readonly subnets: readonly string[];
  readonly gateways: readonly string[];
  readonly ranges: readonly string[];
  readonly auxiliary: Readonly<Record<string, string>>;
}

/** One pool a subnet. Throws usage/invalid-flag for what is in none of them, or twice in one. */
export function poolsOf({ subnets, gateways, ranges, auxiliary }: PoolFlags): readonly IpamPool[] {
  const pools = subnets.map((subnet) => ({ Subnet: subnet, IPRange: '', Gateway: '', AuxiliaryAddresses: {} }));
  const poolFor = (address: string): (typeof pools)[number] => {
    const pool = pools.find(({ Subnet }) => contains(Subnet, address.split('/')[0] ?? ''));
    if (pool === undefined) throw invalid(`no matching subnet for ${address}`);
    return pool;
  };
  for (const range of ranges) setOnce(poolFor(range), 'IPRange', range);
  for (const gateway of gateways) setOnce(poolFor(gateway), 'Gateway', gateway);
  for (const [name, address] of Object.entries(auxiliary)) {
    Object.assign(poolFor(address).AuxiliaryAddresses, { [name]: address });
  }
  return pools;
}

function setOnce(
  pool: { IPRange: string; Gateway: string; Subnet: string },
  key: 'IPRange' | 'Gateway',
  value: string,
): void {
  if (pool[key] !== '')
    throw invalid(`multiple ${key === 'Gateway' ? 'gateways' : 'ranges'} for subnet ${pool.Subnet}`);
  pool[key] = value;
}

function contains(subnet: string, address: string): boolean {
  const [base = '', length = ''] = subnet.split('/');
  const family = isIP(base);
  const bits = Number(length);
  if (family === 0 || isIP(address) !== family || !/^\d{1,3}$/.test(length) || bits > (family === 4 ? 32 : 128))
    return false;
  const list = new BlockList();
  list.addSubnet(base, bits, family === 4 ? 'ipv4' : 'ipv6');
  return list.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

function invalid(message: string): GantryError {
  return new GantryError('usage/invalid-flag', message);
}
