// Which host ports are held by whom in this engine, and the choice of free ones. In memory only: filled again from the
// state at start. Whether another process has a port shows when the shim binds it.
import { existsSync, readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { GantryError } from '../../base/error.ts';
import { familyOf } from './cidr.ts';
import type { PortProtocol, PortRequest, PortSpec } from './types.ts';

/** What ports are chosen with. */
export interface PortSettings {
  /** First and last port for automatic choice; ip_local_port_range. */
  readonly range: readonly [number, number];
  /** Ports automatic choice passes over; ip_local_reserved_ports. */
  readonly reserved: ReadonlySet<number>;
  /** True when the host can listen on IPv6 addresses. */
  readonly ipv6: boolean;
  /** Ports on which something of the host listens now: automatic choice and ranges pass over them. */
  readonly inUse: (proto: PortProtocol) => ReadonlySet<number>;
}

const NONE: ReadonlySet<number> = new Set();

/** Ports of one engine. */
export class PortTable {
  readonly #held = new Map<string, PortSpec[]>();
  readonly #settings: PortSettings;
  #last = 0;

  constructor(settings: PortSettings) {
    this.#settings = settings;
  }

  /** Takes ports for a container, all or none. `hostIp` is the network's own, "" = every address. Throws engine/port-taken. */
  take(containerId: string, requests: readonly PortRequest[], hostIp: string): readonly PortSpec[] {
    const taken: PortSpec[] = [];
    for (const request of requests) taken.push(...this.#takeOne(request, { hostIp, taken }));
    this.#held.set(containerId, [...(this.#held.get(containerId) ?? []), ...taken]);
    return taken;
  }

  /** Marks ports as held by a container that lives on. */
  adopt(containerId: string, ports: readonly PortSpec[]): void {
    this.#held.set(containerId, [...ports]);
  }

  /** Gives back all ports of a container. */
  release(containerId: string): void {
    this.#held.delete(containerId);
  }

  #takeOne(
    request: PortRequest,
    { hostIp, taken }: { readonly hostIp: string; readonly taken: readonly PortSpec[] },
  ): readonly PortSpec[] {
    const addresses = this.#addresses(request.hostIp === '' ? hostIp : request.hostIp);
    const range = parseRange(request.hostPort);
    const [from, to] = range ?? this.#settings.range;
    const explicit = range !== undefined && from === to;
    const busy = explicit ? NONE : this.#settings.inUse(request.proto);
    for (const hostPort of this.#candidates(from, to, range === undefined)) {
      if (busy.has(hostPort)) continue;
      const ports = addresses.map((address) => ({
        hostIp: address,
        hostPort,
        proto: request.proto,
        containerPort: request.containerPort,
      }));
      if (ports.every((port) => this.#isFree(port, taken))) {
        if (!explicit) this.#last = hostPort;
        return ports;
      }
    }
    throw takenError(addresses[0] ?? '0.0.0.0', explicit ? String(from) : `${from}-${to}`);
  }

  /** Where a port without address is bound: both families where the host has both. */
  #addresses(hostIp: string): readonly string[] {
    if (hostIp === '') return this.#settings.ipv6 ? ['0.0.0.0', '::'] : ['0.0.0.0'];
    if (isIP(hostIp) === 0)
      throw new GantryError('engine/bad-parameter', `invalid IP address: ${JSON.stringify(hostIp)}`);
    return [hostIp];
  }

  /** All of a range, for automatic choice beginning behind the last one given. */
  *#candidates(from: number, to: number, automatic: boolean): Generator<number> {
    const size = to - from + 1;
    const start = this.#last >= from && this.#last < to ? this.#last + 1 - from : 0;
    for (let step = 0; step < size; step++) {
      const port = from + ((start + step) % size);
      if (!automatic || !this.#settings.reserved.has(port)) yield port;
    }
  }

  #isFree(wanted: PortSpec, taken: readonly PortSpec[]): boolean {
    for (const ports of [taken, ...this.#held.values()])
      if (ports.some((port) => conflicts(wanted, port))) return false;
    return true;
  }
}

/** Reads ip_local_port_range and ip_local_reserved_ports of this network namespace. */
export function portSettings(ipv6: boolean): PortSettings {
  const read = (name: string): string => readFileSync(`/proc/sys/net/ipv4/${name}`, 'utf8').trim();
  const [from = 49153, to = 65535] = read('ip_local_port_range').split(/\s+/).map(Number);
  return { range: [from, to], reserved: parsePortList(read('ip_local_reserved_ports')), ipv6, inUse: portsInUse };
}

/** Ports of listening (TCP) and bound (UDP) sockets in this network namespace. */
function portsInUse(proto: PortProtocol): ReadonlySet<number> {
  const tables = [proto, `${proto}6`].map((name) => `/proc/net/${name}`).filter((path) => existsSync(path));
  return new Set(tables.flatMap((path) => boundPorts(readFileSync(path, 'utf8'))));
}

/** The local ports of such sockets in a table of /proc/net. */
export function boundPorts(text: string): readonly number[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state]) => state === '0A' || state === '07')
    .map(([, local = '']) => parseInt(local.split(':')[1] ?? '0', 16));
}

/** "8080,9000-9002" as a set. */
export function parsePortList(text: string): ReadonlySet<number> {
  const ranges = text.split(',').filter((part) => part !== '');
  return new Set(
    ranges.flatMap((part) => {
      const [from = 0, to = from] = part.split('-').map(Number);
      return Array.from({ length: to - from + 1 }, (_, index) => from + index);
    }),
  );
}

/** Docker's words for a port that can't be had. */
export function takenError(hostIp: string, port: string, hint?: string): GantryError {
  const place = familyOf(hostIp) === 6 ? `[${hostIp}]:${port}` : `${hostIp}:${port}`;
  return new GantryError('engine/port-taken', `Bind for ${place} failed: port is already allocated`, {
    ...(hint === undefined ? {} : { hint }),
    details: { hostIp, port },
  });
}

/** undefined = any port. */
function parseRange(text: string): readonly [number, number] | undefined {
  if (text === '' || text === '0') return undefined;
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? match?.[1]);
  if (match !== null && from >= 1 && from <= to && to <= 65535) return [from, to];
  throw new GantryError('engine/bad-parameter', `invalid port specification: ${JSON.stringify(text)}`);
}

function conflicts(a: PortSpec, b: PortSpec): boolean {
  if (a.hostPort !== b.hostPort || a.proto !== b.proto || familyOf(a.hostIp) !== familyOf(b.hostIp)) return false;
  return a.hostIp === b.hostIp || isAny(a.hostIp) || isAny(b.hostIp);
}

function isAny(address: string): boolean {
  return address === '0.0.0.0' || address === '::';
}
