// From the body of POST /networks/create to a network's record; also the three predefined networks.
import { createHash, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { GantryError } from '../../base/error.ts';
import { NO_SWARM } from '../http/refusals.ts';
import { flagField, listField, objectField, textField, textMapField, type Fields } from '../http/fields.ts';
import { contains, familyOf, formatPrefix, parseAddress, parsePrefix } from './cidr.ts';
import { defineNetwork, type NetworkSurroundings, type PoolRequest } from './define.ts';
import type { NetworkRecord } from './record.ts';
import type { NetworkKind } from './types.ts';

/** What is asked for, types checked. */
export interface NewNetwork {
  readonly name: string;
  readonly pools: readonly PoolRequest[];
  readonly auxiliary: Readonly<Record<string, string>>;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ipv6: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** Reads the body. Throws engine/bad-parameter, or engine/not-implemented for what this engine has not. */
export function readNewNetwork(body: unknown): NewNetwork {
  const fields = objectField(body, 'the body');
  const name = textField(fields['Name'], 'Name') ?? '';
  if (name === '') throw new GantryError('engine/bad-parameter', 'invalid name: ');
  refuseUnserved(fields);
  const pools = listField(objectField(fields['IPAM'], 'IPAM')['Config'], 'IPAM.Config').map(readPool);
  const ipv6 = flagField(fields['EnableIPv6'], 'EnableIPv6') ?? false;
  return {
    name,
    // without EnableIPv6 a subnet of that family is only a note
    pools: pools.map(({ pool }) => pool).filter((pool) => ipv6 || familyOf(pool.subnet) === 4),
    auxiliary: Object.assign({}, ...pools.map(({ auxiliary }) => auxiliary)) as Record<string, string>,
    internal: flagField(fields['Internal'], 'Internal') ?? false,
    attachable: flagField(fields['Attachable'], 'Attachable') ?? false,
    ipv6,
    options: textMapField(fields['Options'], 'Options'),
    labels: textMapField(fields['Labels'], 'Labels'),
  };
}

/** The record of a new network. */
export function makeNetwork(wanted: NewNetwork, around: NetworkSurroundings): NetworkRecord {
  const id = randomBytes(32).toString('hex');
  const pools = wanted.ipv6 ? withPool6(wanted.pools, id) : wanted.pools;
  const { name, internal, options, labels, attachable, auxiliary } = wanted;
  const spec = defineNetwork({ id, name, driver: 'bridge', pools, internal, options, isDefault: false }, around);
  return { spec, created: new Date().toISOString(), labels, options, attachable, auxiliary };
}

/** `bridge`, `host` or `none`, which every engine has. */
export function makePredefined(
  name: NetworkKind,
  around: NetworkSurroundings,
  id = randomBytes(32).toString('hex'),
): NetworkRecord {
  const options = name === 'bridge' ? DEFAULT_OPTIONS : {};
  const request = { id, name, driver: name, pools: [], internal: false, options, isDefault: name === 'bridge' };
  // the default network's binding to 0.0.0.0 is only shown: its ports are published on IPv6 as well
  const spec = name === 'bridge' ? { ...defineNetwork(request, around), hostIp: '' } : bareSpec(request, around);
  return { spec, created: new Date().toISOString(), labels: {}, options, attachable: false, auxiliary: {} };
}

/** What Docker shows for its own default network. */
const DEFAULT_OPTIONS: Readonly<Record<string, string>> = {
  'com.docker.network.bridge.default_bridge': 'true',
  'com.docker.network.bridge.enable_icc': 'true',
  'com.docker.network.bridge.enable_ip_masquerade': 'true',
  'com.docker.network.bridge.host_binding_ipv4': '0.0.0.0',
  'com.docker.network.driver.mtu': '1500',
};

/** host and none have predefined names, which `defineNetwork` keeps from users. */
function bareSpec(request: Parameters<typeof defineNetwork>[0], around: NetworkSurroundings): NetworkRecord['spec'] {
  return { ...defineNetwork({ ...request, isDefault: true }, around), isDefault: false };
}

function refuseUnserved(fields: Fields): void {
  refuseSwarm(fields);
  const driver = textField(fields['Driver'], 'Driver') ?? '';
  if (driver === 'host' || driver === 'null') {
    throw new GantryError('engine/forbidden', `only one instance of "${driver}" network is allowed`);
  }
  if (driver !== '' && driver !== 'bridge' && driver !== 'default') {
    throw new GantryError(
      'engine/not-found',
      `could not find plugin ${driver} in v1 plugin registry: plugin not found`,
      {
        hint: 'this engine has the driver bridge',
      },
    );
  }
  const ipam = textField(objectField(fields['IPAM'], 'IPAM')['Driver'], 'IPAM.Driver') ?? '';
  if (ipam !== '' && ipam !== 'default') {
    throw new GantryError('engine/not-found', `could not find plugin ${ipam} in v1 plugin registry: plugin not found`);
  }
  const from = textField(objectField(fields['ConfigFrom'], 'ConfigFrom')['Network'], 'ConfigFrom.Network') ?? '';
  if (fields['ConfigOnly'] === true || from !== '') {
    throw new GantryError('engine/not-implemented', 'networks that are only a configuration are not served');
  }
  if (fields['EnableIPv4'] === false) {
    throw new GantryError('engine/not-implemented', 'networks without IPv4 are not served');
  }
}

function refuseSwarm(fields: Fields): void {
  const refuse = (why: string): never => {
    throw new GantryError('engine/forbidden', why);
  };
  if (fields['Driver'] === 'overlay') refuse(NO_SWARM);
  if (fields['Scope'] === 'swarm') refuse('cannot create a swarm scoped network when swarm is not active');
  if (fields['Ingress'] === true) refuse('Ingress network can only be global scope network');
}

function readPool(value: unknown, index: number): { pool: PoolRequest; auxiliary: Readonly<Record<string, string>> } {
  const what = `IPAM.Config[${index}]`;
  const fields = objectField(value, what);
  const auxiliary = textMapField(fields['AuxiliaryAddresses'], `${what}.AuxiliaryAddresses`);
  checkPool(fields, what);
  const pool = {
    subnet: textField(fields['Subnet'], `${what}.Subnet`) ?? '',
    gateway: textField(fields['Gateway'], `${what}.Gateway`) ?? '',
    ipRange: textField(fields['IPRange'], `${what}.IPRange`) ?? '',
    auxiliary: Object.values(auxiliary),
  };
  return { pool, auxiliary };
}

/** As Docker words it; what is left to `defineNetwork` depends on other networks. */
function checkPool(fields: Fields, what: string): void {
  const subnet = textField(fields['Subnet'], `${what}.Subnet`) ?? '';
  if (subnet === '') return;
  const [address = '', length = ''] = subnet.split('/');
  if (isIP(address) === 0 || !/^\d{1,3}$/.test(length) || Number(length) > (isIP(address) === 4 ? 32 : 128)) {
    throw invalidConfig(`invalid subnet ${subnet}: invalid CIDR block notation`);
  }
  const prefix = parsePrefix(subnet);
  if (parseAddress(address) !== prefix.base)
    throw invalidConfig(`invalid subnet ${subnet}: it should be ${formatPrefix(prefix)}`);
  const gateway = textField(fields['Gateway'], `${what}.Gateway`) ?? '';
  if (gateway !== '' && (isIP(gateway) !== prefix.family || !contains(prefix, gateway)))
    throw invalidConfig(`invalid gateway ${gateway}: parent subnet ${subnet} doesn't contain this address`);
}

function invalidConfig(why: string): GantryError {
  return new GantryError('engine/bad-parameter', `invalid network config:\n${why}`);
}

/** A /64 of the unique local range that follows from the network's id, when none was named. */
function withPool6(pools: readonly PoolRequest[], id: string): readonly PoolRequest[] {
  if (pools.some(({ subnet }) => familyOf(subnet) === 6)) return pools;
  const hex = createHash('sha256').update(id).digest('hex');
  const subnet = `fd${hex.slice(0, 2)}:${hex.slice(2, 6)}:${hex.slice(6, 10)}::/64`;
  return [...pools, { subnet, gateway: '', ipRange: '', auxiliary: [] }];
}
