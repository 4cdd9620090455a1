// Makes a NetworkSpec from what was asked: chooses subnet, gateway, link names and group. Pure over what it is handed.
import { GantryError } from '../../base/error.ts';
import { contains, familyOf, formatPrefix, parsePrefix } from './cidr.ts';
import { checkSubnet, choosePool, defaultGateway } from './ipam.ts';
import { bridgeName, linkGroup, macOf } from './link-names.ts';
import type { NetworkKind, NetworkSpec } from './types.ts';

/** One address range as asked for; "" = chosen. */
export interface PoolRequest {
  readonly subnet: string;
  readonly gateway: string;
  readonly ipRange: string;
  readonly auxiliary: readonly string[];
}

/** What a client asks of a new network. */
export interface NetworkRequest {
  /** 64 random hex digits. */
  readonly id: string;
  readonly name: string;
  readonly driver: NetworkKind;
  readonly pools: readonly PoolRequest[];
  readonly internal: boolean;
  /** Driver options as clients write them, for example `com.docker.network.driver.mtu`. */
  readonly options: Readonly<Record<string, string>>;
  readonly isDefault: boolean;
}

/** What the engine knows when it makes one. */
export interface NetworkSurroundings {
  readonly tag: string;
  readonly networks: readonly NetworkSpec[];
  /** From `hostPrefixes`. */
  readonly hostPrefixes: readonly string[];
}

const DEFAULT_MTU = 1500;
/** Names that every engine has taken. */
export const PREDEFINED: readonly string[] = ['bridge', 'host', 'none', 'default'];

/** The spec of a new network. Throws engine/bad-parameter and engine/forbidden in Docker's words. */
export function defineNetwork(request: NetworkRequest, around: NetworkSurroundings): NetworkSpec {
  checkName(request);
  if (request.driver !== 'bridge') return bare(request);
  const [pool4, pool6] = [onlyPool(request.pools, 4), onlyPool(request.pools, 6)];
  const subnet = chooseSubnet(pool4, around);
  const gateway = gatewayOf(pool4, subnet);
  if (pool6 !== undefined)
    checkSubnet(
      pool6.subnet,
      around.networks.map(({ name, subnet6 }) => ({ name, subnet: subnet6 })),
    );
  const subnet6 = pool6 === undefined ? '' : formatPrefix(parsePrefix(pool6.subnet));
  return {
    ...bare(request),
    subnet,
    gateway,
    ipRange: checkedRange(pool4?.ipRange ?? '', subnet),
    subnet6,
    gateway6: pool6 === undefined ? '' : gatewayOf(pool6, subnet6),
    reserved: [...(pool4?.auxiliary ?? []), ...(pool6?.auxiliary ?? [])],
    icc: option(request, 'com.docker.network.bridge.enable_icc', true),
    masquerade: option(request, 'com.docker.network.bridge.enable_ip_masquerade', true),
    mtu: mtuOf(request),
    bridge: bridgeName(request.id, request.isDefault, around.tag),
    group: linkGroup(request.id, new Set(around.networks.map(({ group }) => group))),
    mac: macOf(gateway),
    hostIp: request.options['com.docker.network.bridge.host_binding_ipv4'] ?? '',
  };
}

function checkName({ name, isDefault }: NetworkRequest): void {
  if (isDefault) return;
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
    throw new GantryError(
      'engine/bad-parameter',
      `invalid network name ${JSON.stringify(name.slice(0, 80))}: only [a-zA-Z0-9][a-zA-Z0-9_.-]* are allowed`,
    );
  }
  if (PREDEFINED.includes(name)) {
    throw new GantryError('engine/forbidden', `operation is not permitted on predefined ${name} network`);
  }
}

/** A network without links: host, none, and the start of a bridge network. */
function bare({ id, name, driver, internal, isDefault }: NetworkRequest): NetworkSpec {
  return {
    id,
    name,
    driver,
    internal,
    isDefault,
    subnet: '',
    gateway: '',
    ipRange: '',
    subnet6: '',
    gateway6: '',
    reserved: [],
    icc: true,
    masquerade: true,
    mtu: DEFAULT_MTU,
    bridge: '',
    group: 0,
    mac: '',
    hostIp: '',
  };
}

function onlyPool(pools: readonly PoolRequest[], family: 4 | 6): PoolRequest | undefined {
  const found = pools.filter((pool) => familyOf(`${pool.subnet}${pool.gateway}`) === family);
  if (found.length > 1)
    throw new GantryError('engine/bad-parameter', `only one IPv${family} subnet is supported for a bridge network`);
  return found[0];
}

function chooseSubnet(pool: PoolRequest | undefined, { networks, hostPrefixes }: NetworkSurroundings): string {
  const others = networks.filter(({ subnet }) => subnet !== '');
  if (pool !== undefined && pool.subnet !== '') {
    checkSubnet(pool.subnet, others);
    return formatPrefix(parsePrefix(pool.subnet));
  }
  if (pool !== undefined && pool.gateway !== '') {
    throw new GantryError('engine/bad-parameter', 'a gateway needs a subnet', {
      hint: 'add subnet to the same ipam.config entry',
    });
  }
  return choosePool([...others.map(({ subnet }) => subnet), ...hostPrefixes]);
}

function gatewayOf(pool: PoolRequest | undefined, subnet: string): string {
  const wanted = pool?.gateway ?? '';
  if (wanted === '') return defaultGateway(subnet);
  if (!contains(parsePrefix(subnet), wanted)) {
    throw new GantryError('engine/bad-parameter', `no matching subnet for gateway ${wanted}`);
  }
  return wanted;
}

function checkedRange(range: string, subnet: string): string {
  if (range === '') return '';
  const [inner, outer] = [parsePrefix(range), parsePrefix(subnet)];
  if (inner.length < outer.length || !contains(outer, range.split('/')[0] ?? '')) {
    throw new GantryError('engine/bad-parameter', `no matching subnet for range ${range}`);
  }
  return formatPrefix(inner);
}

function option({ options }: NetworkRequest, key: string, fallback: boolean): boolean {
  const value = options[key];
  if (value === undefined) return fallback;
  if (/^(1|t|true)$/i.test(value)) return true;
  if (/^(0|f|false)$/i.test(value)) return false;
  throw new GantryError('engine/bad-parameter', `invalid value for ${key}: ${JSON.stringify(value)} is no boolean`);
}

function mtuOf({ options }: NetworkRequest): number {
  const text = options['com.docker.network.driver.mtu'] ?? String(DEFAULT_MTU);
  const mtu = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (mtu >= 68 && mtu <= 65535) return mtu;
  throw new GantryError(
    'engine/bad-parameter',
    `invalid value for com.docker.network.driver.mtu: ${JSON.stringify(text)}`,
  );
}
