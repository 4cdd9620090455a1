// `--network` and what belongs to it: one or more networks, each by name or in words.
import type { EndpointConfig } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import { listFlag, textFlag, type ContainerFlags } from './flags.ts';
import { pairsOf } from './values.ts';

/** What the flags say of networks. */
export interface NetworkFlags {
  /** The first network, or `default`. */
  readonly mode: string;
  readonly endpoints: Readonly<Record<string, EndpointConfig>>;
}

/** The networks of the flags. Throws usage/invalid-flag. */
export function networkFlags(flags: ContainerFlags): NetworkFlags {
  const given = listFlag(flags, 'network', 'net').map(readNetwork);
  const [first, ...others] = given.length === 0 ? [{ name: 'default', endpoint: {} }] : given;
  if (first === undefined) throw new Error('there is always one');
  const shared = sharedEndpoint(flags, first.name);
  const endpoint = { ...shared, ...first.endpoint };
  if (given.some(({ name }) => name.startsWith('container:') || name === 'host') && given.length > 1)
    throw new GantryError(
      'usage/invalid-flag',
      'conflicting options: cannot attach both user-defined and non-user-defined network-modes',
    );
  const all = [{ ...first, endpoint }, ...others].filter(
    (at) => Object.keys(at.endpoint).length > 0 || given.length > 1,
  );
  return { mode: first.name, endpoints: Object.fromEntries(all.map((at) => [at.name, at.endpoint])) };
}

/** Flags that speak of the first network. */
function sharedEndpoint(flags: ContainerFlags, mode: string): EndpointConfig {
  const [ip, ip6, mac] = [textFlag(flags, 'ip'), textFlag(flags, 'ip6'), textFlag(flags, 'macAddress')];
  const linkLocal = listFlag(flags, 'linkLocalIp');
  const links = isUserDefined(mode) ? listFlag(flags, 'link') : [];
  const aliases = listFlag(flags, 'networkAlias', 'netAlias');
  return {
    ...(aliases.length === 0 ? {} : { Aliases: aliases }),
    ...(links.length === 0 ? {} : { Links: links }),
    ...(mac === undefined ? {} : { MacAddress: mac }),
    ...addresses(ip, ip6, linkLocal),
  };
}

/** A network that somebody made: links there are names of endpoints. */
export function isUserDefined(mode: string): boolean {
  return !['default', 'bridge', 'host', 'none', ''].includes(mode) && !mode.startsWith('container:');
}

function addresses(ip?: string, ip6?: string, linkLocal: readonly string[] = []): EndpointConfig {
  if (ip === undefined && ip6 === undefined && linkLocal.length === 0) return {};
  return {
    IPAMConfig: {
      ...(ip === undefined ? {} : { IPv4Address: ip }),
      ...(ip6 === undefined ? {} : { IPv6Address: ip6 }),
      ...(linkLocal.length === 0 ? {} : { LinkLocalIPs: linkLocal }),
    },
  };
}

function readNetwork(text: string): { readonly name: string; readonly endpoint: EndpointConfig } {
  if (!/^\w[\w-]*=/.test(text)) return { name: text, endpoint: {} };
  const fields = text.split(',').map((part) => part.split(/=(.*)/s, 2) as [string, string | undefined]);
  const all = (name: string): readonly string[] =>
    fields.filter(([field]) => field === name).map(([, value]) => value ?? '');
  const unknown = fields.find(([name]) => !KNOWN.has(name));
  if (unknown !== undefined)
    throw new GantryError(
      'usage/invalid-flag',
      `invalid argument "${text}" for "--network" flag: invalid field ${unknown[0]}`,
    );
  const [name] = all('name');
  if (name === undefined)
    throw new GantryError(
      'usage/invalid-flag',
      `invalid argument "${text}" for "--network" flag: network name/id is not specified`,
    );
  const [aliases, options, mac] = [all('alias'), all('driver-opt'), all('mac-address')[0]];
  return {
    name,
    endpoint: {
      ...(aliases.length === 0 ? {} : { Aliases: aliases }),
      ...(options.length === 0 ? {} : { DriverOpts: pairsOf(options) }),
      ...(mac === undefined ? {} : { MacAddress: mac }),
      ...addresses(all('ip')[0], all('ip6')[0], all('link-local-ip')),
    },
  };
}

const KNOWN: ReadonlySet<string> = new Set([
  ...['name', 'alias', 'driver-opt', 'ip', 'ip6', 'link-local-ip', 'mac-address'],
]);
