// `-p` and `--expose`: ports and ranges of ports.
import type { PortBinding } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';

/** What a container exposes and publishes. */
export interface PortMaps {
  readonly exposed: Readonly<Record<string, object>>;
  readonly bindings: Readonly<Record<string, readonly PortBinding[]>>;
}

/** The ports of `--publish` and `--expose`. Throws usage/invalid-flag. */
export function portMaps(published: readonly string[], exposed: readonly string[]): PortMaps {
  const bindings: Record<string, PortBinding[]> = {};
  for (const spec of published)
    for (const { port, binding } of readPublished(spec)) (bindings[port] ??= []).push(binding);
  const names = [...Object.keys(bindings), ...exposed.flatMap(readExposed)];
  return { bindings, exposed: Object.fromEntries(names.map((name) => [name, {}])) };
}

interface Published {
  readonly port: string;
  readonly binding: PortBinding;
}

/** `[ip:][host:]container[/protocol]`; also `published=8080,target=80,protocol=tcp`. */
function readPublished(spec: string): readonly Published[] {
  if (spec.includes('=')) return readPublished(fromWords(spec));
  const match = /^(?:(\[[^\]]*\]|[^:[\]]*):)??(?:([\d-]*):)?([\d-]+)(?:\/(\w+))?$/.exec(spec);
  if (match === null) throw bad(spec, 'invalid publish opts format');
  const [, ip = '', host = '', inside = '', protocol = 'tcp'] = match;
  const from = rangeOf(inside, spec);
  const to = host === '' ? undefined : rangeOf(host, spec);
  checkProtocol(protocol, spec);
  const isFree = to !== undefined && from.length === 1 && to.length > 1;
  if (to !== undefined && to.length !== from.length && !isFree)
    throw bad(spec, 'invalid ranges specified for container and host Ports');
  return from.map((port, index) => ({
    port: `${port}/${protocol.toLowerCase()}`,
    binding: { HostIp: ip.replace(/^\[|\]$/g, ''), HostPort: isFree ? host : String(to?.[index] ?? '') },
  }));
}

function fromWords(spec: string): string {
  const words = Object.fromEntries(spec.split(',').map((word) => word.split('=') as [string, string]));
  const { target, published = '', protocol = 'tcp' } = words;
  if (target === undefined) throw bad(spec, 'invalid publish opts format');
  return `${published === '' ? '' : `${published}:`}${target}/${protocol}`;
}

function readExposed(spec: string): readonly string[] {
  const [ports = '', protocol = 'tcp'] = spec.split('/');
  checkProtocol(protocol, spec);
  return rangeOf(ports, spec).map((port) => `${port}/${protocol.toLowerCase()}`);
}

function checkProtocol(protocol: string, spec: string): void {
  if (!['tcp', 'udp', 'sctp'].includes(protocol.toLowerCase())) throw bad(spec, `invalid proto: ${protocol}`);
}

function rangeOf(text: string, spec: string): readonly number[] {
  const match = /^(\d+)(?:-(\d+))?$/.exec(text);
  const [first, last] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  if (match === null || first > last || last > 65_535) throw bad(spec, `invalid port range: ${text}`);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

const bad = (spec: string, why: string): GantryError =>
  new GantryError('usage/invalid-flag', `invalid port ${JSON.stringify(spec)}: ${why}`);
