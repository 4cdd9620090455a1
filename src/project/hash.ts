// The hash by which a service's container is known to be up to date: docker compose's own, so that either tool can go on
// with what the other made. It covers what a container is made of, not how many there are.
// Node's own crypto takes some milliseconds to load, which every `up` would pay
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { SERVICE } from '../compose/attributes/service.ts';
import type { Service } from '../compose/model/service.ts';
import { outline } from '../compose/print/outline.ts';
import { isMap, type Printed } from '../compose/print/printed.ts';

/** SHA-256, in hex, of the service as docker compose writes it in JSON. */
export function serviceHash(service: Service): string {
  const printed = outline(counted(service) as unknown as Parameters<typeof outline>[0], SERVICE, 'json');
  return bytesToHex(sha256(utf8ToBytes(goCompact(printed))));
}

/** Without what says how an image comes about or how many containers there are. */
function counted(service: Service): Partial<Service> {
  const { build: _build, pull_policy: _policy, scale: _scale, deploy, ...rest } = service;
  if (deploy === undefined || (deploy as Service['deploy'] | null) === null) return rest;
  const { replicas: _replicas, ...kept } = deploy;
  return { ...rest, deploy: kept };
}

/** JSON as Go writes it: no blanks, and <, > and & escaped. */
function goCompact(value: Printed | undefined): string {
  if (value === undefined) return 'null';
  if (isMap(value)) return `{${[...value].map(([key, item]) => `${goText(key)}:${goCompact(item)}`).join(',')}}`;
  if (Array.isArray(value)) return `[${(value as readonly Printed[]).map(goCompact).join(',')}]`;
  return goText(value);
}

function goText(value: unknown): string {
  const text = JSON.stringify(value);
  return text.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
