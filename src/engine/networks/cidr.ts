// IP addresses and prefixes as numbers, both families. Knows no network and no host.
import { isIP } from 'node:net';
import { GantryError } from '../../base/error.ts';

/** A prefix: its family, first address and length. */
export interface Prefix {
  readonly family: 4 | 6;
  readonly base: bigint;
  readonly length: number;
}

const BITS = { 4: 32, 6: 128 } as const;

/** Reads "172.18.0.0/16"; bits behind the prefix are cleared. Throws engine/bad-parameter. */
export function parsePrefix(text: string): Prefix {
  const [address = '', length = '', ...rest] = text.split('/');
  const family = isIP(address);
  const bits = /^\d{1,3}$/.test(length) && rest.length === 0 ? Number(length) : Number.NaN;
  if ((family !== 4 && family !== 6) || !(bits <= BITS[family])) {
    throw new GantryError('engine/bad-parameter', `invalid prefix ${JSON.stringify(text)}`, {
      hint: 'write it as 172.28.0.0/16',
    });
  }
  return { family, base: (parseAddress(address) >> shift(family, bits)) << shift(family, bits), length: bits };
}

/** An address as a number. Throws engine/bad-parameter. */
export function parseAddress(text: string): bigint {
  const family = isIP(text);
  if (family === 4) return text.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
  if (family === 6) return parseAddress6(text);
  throw new GantryError('engine/bad-parameter', `invalid IP address ${JSON.stringify(text)}`);
}

/** The family of an address or prefix by its look. */
export function familyOf(text: string): 4 | 6 {
  return text.includes(':') ? 6 : 4;
}

/** A number as an address of the family, IPv6 in its shortest form. */
export function formatAddress(family: 4 | 6, value: bigint): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((at) => String((value >> at) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => ((value >> BigInt(112 - 16 * index)) & 0xffffn).toString(16));
  const zeros = longestZeros(groups);
  if (zeros.length < 2) return groups.join(':');
  return `${groups.slice(0, zeros.at).join(':')}::${groups.slice(zeros.at + zeros.length).join(':')}`;
}

/** The prefix as text. */
export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.family, prefix.base)}/${prefix.length}`;
}

/** First and last address. */
export function rangeOf({ family, base, length }: Prefix): { readonly first: bigint; readonly last: bigint } {
  return { first: base, last: base + (1n << shift(family, length)) - 1n };
}

/** True when the prefixes share an address. */
export function overlaps(a: Prefix, b: Prefix): boolean {
  if (a.family !== b.family) return false;
  const [one, other] = [rangeOf(a), rangeOf(b)];
  return one.first <= other.last && other.first <= one.last;
}

/** True when the address lies in the prefix. */
export function contains(prefix: Prefix, address: string): boolean {
  if (isIP(address) !== prefix.family) return false;
  const { first, last } = rangeOf(prefix);
  const value = parseAddress(address);
  return first <= value && value <= last;
}

function shift(family: 4 | 6, length: number): bigint {
  return BigInt(BITS[family] - length);
}

function parseAddress6(text: string): bigint {
  const plain = text.split('%')[0] ?? '';
  const [head = '', tail] = plain.split('::');
  const left = groups6(head);
  const right = tail === undefined ? [] : groups6(tail);
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0n);
  return [...left, ...zeros, ...right].reduce((sum, group) => (sum << 16n) | group, 0n);
}

function groups6(text: string): readonly bigint[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [BigInt(`0x${group}`)];
    const value = parseAddress(group);
    return [value >> 16n, value & 0xffffn];
  });
}

function longestZeros(groups: readonly string[]): { readonly at: number; readonly length: number } {
  let best = { at: 0, length: 0 };
  for (let at = 0; at < groups.length; at++) {
    let length = 0;
    while (groups[at + length] === '0') length++;
    if (length > best.length) best = { at, length };
  }
  return best;
}
