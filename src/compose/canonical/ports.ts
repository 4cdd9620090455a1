// Port entries: a number, `[ip:][published:]target[/protocol]` with ranges, or a mapping.
import type { Canon, Report } from '../attributes/shape.ts';
import { formatGo } from '../bind/go-format.ts';
import { itemsOf, listOf, plain, record, stringOf, text, type ScalarTree, type Tree } from '../tree.ts';
import { isIp } from './ip.ts';
import { impliedBy } from '../source.ts';

/** Every entry in long form; ranges of equal length become an entry for each port. */
export const ports: Canon = (tree, report) => {
  if (tree.kind !== 'list') return tree;
  const items = tree.items.flatMap((item) =>
    isShort(item) ? marked(shortPort(item, report), item) : [longPort(item)],
  );
  return listOf(items, tree.origin);
};

const marked = (entries: readonly Tree[], { mark }: ScalarTree): readonly Tree[] =>
  mark ? entries.map((entry) => ({ ...entry, mark })) : entries;

const isShort = (item: Tree): item is ScalarTree => item.kind === 'scalar' && /^(?:string|integer)$/.test(item.type);

/** `mode` and `protocol` have defaults in both forms. */
function longPort(item: Tree): Tree {
  if (item.kind !== 'map') return item;
  const entries = new Map(item.entries);
  for (const [key, value] of [
    ['mode', 'ingress'],
    ['protocol', 'tcp'],
  ] as const)
    if (!entries.has(key)) entries.set(key, { key: item.origin, value: text(value, impliedBy(item.origin)) });
  return { ...item, entries };
}

/** How many entries the short forms of a list become. */
export function countPorts(tree: Tree | undefined): number {
  const sizes = itemsOf(tree).map((item) => {
    const [, first, last] = /(\d+)-(\d+)(?:\/\w*)?$/.exec(stringOf(item) ?? '') ?? [];
    return Math.max(1, Number(last ?? 0) - Number(first ?? 0) + 1);
  });
  return sizes.reduce((sum, size) => sum + size, 0);
}

interface PortSpec {
  readonly hostIp: string;
  readonly host: Range | undefined;
  readonly container: Range;
  readonly protocol: string;
}

interface Range {
  readonly first: number;
  readonly last: number;
}

function shortPort(item: ScalarTree, report: Report): Tree[] {
  const spec = formatGo(item);
  const parsed = parsePort(spec);
  if (typeof parsed === 'string') {
    report(`"${spec}" is not a port mapping: ${parsed}`, item.origin, 'for example "8080:80", "127.0.0.1:8080:80/tcp"');
    return [item];
  }
  return expand(parsed).map((port) => portEntry(port, item));
}

function portEntry({ target, published, hostIp, protocol }: PortEntry, item: ScalarTree): Tree {
  const { origin } = item;
  return record(
    {
      mode: text('ingress', impliedBy(origin)),
      host_ip: hostIp === '' ? undefined : text(hostIp, origin),
      target: { ...plain(target, origin), ...(item.unset && { unset: item.unset }) },
      published: published === undefined ? undefined : text(published, origin),
      protocol: text(protocol, origin),
    },
    origin,
  );
}

interface PortEntry {
  readonly target: number;
  readonly published: string | undefined;
  readonly hostIp: string;
  readonly protocol: string;
}

/** One entry for each container port; several host ports for one container port stay a range. */
function expand({ hostIp, host, container, protocol }: PortSpec): PortEntry[] {
  const entries: PortEntry[] = [];
  for (let target = container.first; target <= container.last; target++) {
    const shifted = host && host.first + target - container.first;
    const single = container.first === container.last && host && host.first !== host.last;
    const published = single ? `${host.first}-${host.last}` : shifted?.toString();
    entries.push({ target, published, hostIp, protocol });
  }
  // docker compose sorts by the text of the mapping
  return entries.sort((a, b) => (`${a.target}` < `${b.target}` ? -1 : 1));
}

/** Reads the short form, or says what is wrong with it. */
function parsePort(spec: string): PortSpec | string {
  const [address = '', written = ''] = spec.split('/');
  const protocol = written === '' ? 'tcp' : written;
  if (!/^(?:tcp|udp|sctp)$/i.test(protocol)) return `the protocol "${protocol}" is none of tcp, udp, sctp`;
  const parts = splitAddress(address);
  if (typeof parts === 'string') return parts;
  const container = parseRange(parts.container);
  if (!container || container.first === 0) return `"${parts.container}" is no container port (1 to 65535)`;
  const host = parts.host === '' ? undefined : parseRange(parts.host);
  if (parts.host !== '' && !host) return `"${parts.host}" is no host port (0 to 65535)`;
  const size = container.last - container.first;
  if (host && host.last - host.first !== size && size !== 0) return 'the ranges have different lengths';
  return { hostIp: parts.ip, host, container, protocol: protocol.toLowerCase() };
}

function splitAddress(address: string): { ip: string; host: string; container: string } | string {
  const parts = address.split(':');
  const container = parts.pop() ?? '';
  const host = parts.pop() ?? '';
  const joined = parts.join(':');
  const bracketed = joined.startsWith('[') && joined.endsWith(']');
  const ip = bracketed ? joined.slice(1, -1) : joined;
  if (container === '') return 'the container port is missing';
  if (ip !== '' && !isIp(ip)) return `"${ip}" is no IP address${ip === 'localhost' ? ': write 127.0.0.1' : ''}`;
  if (ip.includes(':') && !bracketed) return `an IPv6 address needs brackets: [${ip}]`;
  return { ip, host, container };
}

function parseRange(source: string): Range | undefined {
  const match = /^(\d+)(?:-(\d+))?$/.exec(source);
  if (!match) return undefined;
  const first = Number(match[1]);
  const last = match[2] === undefined ? first : Number(match[2]);
  return first <= last && last <= 65_535 ? { first, last } : undefined;
}
