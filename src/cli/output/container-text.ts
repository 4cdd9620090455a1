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

/** `0.0.0.0:18080->8080/tcp, :::18080->8080/tcp, 9000/tcp`; neighbours are joined to ranges. */
export function portsText(ports: readonly PortSummary[]): string {
  const groups: PortGroup[] = [];
  for (const port of ports.toSorted(comparePorts)) {
    const last = groups.at(-1);
    if (last !== undefined && follows(last, port)) last.last = port;
    else groups.push({ first: port, last: port });
  }
  return groups.map(groupText).join(', ');
}

interface PortGroup {
  readonly first: PortSummary;
  last: PortSummary;
}

function follows(group: PortGroup, port: PortSummary): boolean {
  const { first, last } = group;
  if (port.IP !== first.IP || port.Type !== first.Type || port.PrivatePort !== last.PrivatePort + 1) return false;
  if (port.PublicPort === undefined) return first.PublicPort === undefined;
  const isMirror = first.PublicPort === first.PrivatePort && port.PublicPort === port.PrivatePort;
  return isMirror && port.PublicPort === (last.PublicPort ?? 0) + 1;
}

function groupText({ first, last }: PortGroup): string {
  const range = (from: number, to: number): string => (from === to ? String(from) : `${from}-${to}`);
  const inside = `${range(first.PrivatePort, last.PrivatePort)}/${first.Type}`;
  if (first.PublicPort === undefined || last.PublicPort === undefined) return inside;
  return `${first.IP ?? ''}:${range(first.PublicPort, last.PublicPort)}->${inside}`;
}

function comparePorts(a: PortSummary, b: PortSummary): number {
  const key = (port: PortSummary): readonly (number | string)[] => [
    port.IP ?? '',
    port.Type,
    port.PrivatePort,
    port.PublicPort ?? 0,
  ];
  const [left, right] = [key(a), key(b)];
  for (const [index, value] of left.entries()) {
    const other = right[index] ?? '';
    if (value !== other) return value < other ? -1 : 1;
  }
  return 0;
}

/** Name of a container in a list, without the slash. */
export function nameOf(container: ContainerSummary): string {
  return (container.Names[0] ?? container.Id).replace(/^\//, '');
}
