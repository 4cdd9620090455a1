// How docker prints the parts of a container: its command, ports, age, health and exit code.
import type { ContainerSummary, PortSummary } from '../../api/containers.ts';
import { humanDuration } from './human.ts';

/** `"sh -c 'echo db up; …"`: cut to 20 columns and quoted. */
export function commandText(command: string, full = false): string {
  const text = full || command.length <= 20 ? command : `${command.slice(0, 19)}…`;
  return `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`;
}

/** `2 minutes ago`; `now` in milliseconds. */
export function agoText(unixSeconds: number, now = Date.now()): string {
  return `${humanDuration(Math.max(0, now / 1000 - unixSeconds))} ago`;
}

/** Health as the status text tells it: "" where there is no check. */
export function healthOf(status: string): string {
  const found = /\((?:health: )?(starting|healthy|unhealthy)\)/.exec(status);
  return found?.[1] ?? '';
}

/** The exit code in `Exited (3) …`, else 0. */
export function exitCodeIn(status: string): number {
  return Number(/^(?:Exited|Restarting) \((-?\d+)\)/.exec(status)?.[1] ?? 0);
}

/** `0.0.0.0:18080->8080/tcp, :::18080->8080/tcp, 9000/tcp`: Docker's order, which has ports of the same number outside
 * and inside, joined to ranges, before the others. */
export function portsText(ports: readonly PortSummary[]): string {
  const open = new Map<string, PortRange>();
  const [done, mapped]: [string[], string[]] = [[], []];
  for (const port of ports.toSorted(comparePorts)) {
    const { IP: ip, PublicPort: outside, PrivatePort: inside, Type: type } = port;
    if (ip !== undefined && ip !== '' && outside !== inside) {
      mapped.push(`${ip}:${outside ?? 0}->${inside}/${type}`);
      continue;
    }
    const key = ip === undefined || ip === '' ? type : `${ip}/${type}`;
    const range = open.get(key);
    if (range !== undefined && inside === range.last + 1) range.last = inside;
    else {
      if (range !== undefined) done.push(rangeText(key, range));
      // at its old place: Docker keeps the order in which the keys came
      open.set(key, { first: inside, last: inside });
    }
  }
  return [...done, ...[...open].map(([key, range]) => rangeText(key, range)), ...mapped].join(', ');
}

interface PortRange {
  readonly first: number;
  last: number;
}

function rangeText(key: string, { first, last }: PortRange): string {
  const ports = first === last ? String(first) : `${first}-${last}`;
  const slash = key.lastIndexOf('/');
  return slash < 0 ? `${ports}/${key}` : `${key.slice(0, slash)}:${ports}->${ports}${key.slice(slash)}`;
}

function comparePorts(a: PortSummary, b: PortSummary): number {
  const byText = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);
  return (
    a.PrivatePort - b.PrivatePort ||
    byText(a.IP ?? '', b.IP ?? '') ||
    (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
    byText(a.Type, b.Type)
  );
}

/** Name of a container in a list, without the slash. */
export function nameOf(container: ContainerSummary): string {
  return (container.Names[0] ?? container.Id).replace(/^\//, '');
}
