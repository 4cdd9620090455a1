// Names and numbers of links, chains and files: made from ids, so that nothing need be remembered and two engines never
// meet. Only hexadecimal ids go in; a user's name never reaches a link, a chain or a path.
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { invariant } from '../../base/error.ts';
import { parseAddress } from './cidr.ts';

/** Link name of a network's bridge: `br-` and 12 digits of its id; the default network's is gantry0. */
export function bridgeName(id: string, isDefault: boolean, tag: string): string {
  invariant(/^[0-9a-f]{64}$/.test(id), `network id ${id}`);
  if (isDefault) return tag === '' ? 'gantry0' : `gantry-${tag}`;
  return `br-${id.slice(0, 12)}`;
}

/**
 * A link name for the host end of a veth, another one at each start: links of a namespace that has ended vanish some
 * 10 ms later, and a restart is faster than that.
 */
export function hostIfName(): string {
  return `veth${randomBytes(6).toString('hex').slice(0, 11)}`;
}

/** The link group of a network: 31 bits of its id, moved on when another network has it. Never 0. */
export function linkGroup(id: string, taken: ReadonlySet<number>): number {
  let group = parseInt(digest(id).slice(0, 8), 16) & 0x7fffffff;
  while (group === 0 || taken.has(group)) group = (group + 1) & 0x7fffffff;
  return group;
}

/** A MAC that follows from the IPv4 address, so that a neighbour's old ARP entry for it is still right. */
export function macOf(address: string): string {
  const value = parseAddress(address) & 0xffffffffn;
  const bytes = [24n, 16n, 8n, 0n].map((at) => Number((value >> at) & 255n));
  return ['02', '42', ...bytes.map((byte) => byte.toString(16).padStart(2, '0'))].join(':');
}

/** "02:42:…" as six bytes. */
export function macBytes(mac: string): Uint8Array {
  const bytes = mac.split(/[:-]/).map((part) => parseInt(part, 16));
  invariant(bytes.length === 6 && bytes.every((byte) => byte >= 0 && byte < 256), `MAC address ${mac}`);
  return Uint8Array.from(bytes);
}

/** Name of the nf_tables table that guards the host's 127/8. */
export function guardTable(tag: string): string {
  return tag === '' ? 'gantry-guard' : `gantry-guard-${tag}`;
}

/** The folder of name tables. */
export function namesDir(run: string): string {
  return join(run, 'net');
}

/** The name table of a network. */
export function namesFile(run: string, networkId: string): string {
  return join(namesDir(run), `${networkId.slice(0, 12)}.names`);
}

/** The names a container alone can resolve. */
export function linksFile(run: string, containerId: string): string {
  return join(namesDir(run), `${containerId.slice(0, 12)}.links`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
