// What the host's own network looks like: prefixes a new subnet must keep clear of, and its nameservers. Reads only.
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { parseResolvConf, type ResolvConf } from './files.ts';
import { formatAddress } from './cidr.ts';

/** Prefixes the host uses: addresses with their nets, routes but the default one, nameservers. */
export async function hostPrefixes(): Promise<readonly string[]> {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const own = addresses.flatMap(({ cidr }) => (cidr === null ? [] : [cidr]));
  const { servers } = await hostResolvConf();
  return [
    ...own,
    ...parseRoutes(await readFile('/proc/net/route', 'utf8')),
    ...servers.filter((server) => !server.includes('%')),
  ];
}

/** Prefixes that links other than `own` lead to, also links without carrier; none when `own` stands itself. */
export function prefixesBeside(own: string): readonly string[] {
  const lines = readFileSync('/proc/net/route', 'utf8').split('\n');
  return lines.some((line) => line.startsWith(`${own}\t`)) ? [] : parseRoutes(lines.join('\n'));
}

/** The prefixes in /proc/net/route, without default routes. */
export function parseRoutes(text: string): readonly string[] {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields.length >= 8 && fields[7] !== '00000000')
    .map(
      (fields) => `${formatAddress(4, littleEndian(fields[1] ?? '0'))}/${prefixLength(littleEndian(fields[7] ?? '0'))}`,
    );
}

/** The host's resolv.conf; a missing one is empty. */
export async function hostResolvConf(): Promise<ResolvConf> {
  const text = await readFile('/etc/resolv.conf', 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  });
  return parseResolvConf(text);
}

/** True when the host has a link of that name. */
export async function isListed(link: string): Promise<boolean> {
  const lines = (await readFile('/proc/net/dev', 'utf8')).split('\n');
  return lines.some((line) => line.trimStart().startsWith(`${link}:`));
}

/** True when the host can listen on IPv6 addresses. */
export async function hostHasIpv6(): Promise<boolean> {
  return await readFile('/proc/net/if_inet6', 'utf8').then(
    (text) => text.trim() !== '',
    () => false,
  );
}

/** True when bridged frames pass iptables, so that rules see what goes from neighbour to neighbour. */
export function bridgesCallIptables(): boolean {
  try {
    return readFileSync('/proc/sys/net/bridge/bridge-nf-call-iptables', 'utf8').trim() === '1';
  } catch {
    return false; // br_netfilter is not loaded
  }
}

function littleEndian(hex: string): bigint {
  return BigInt(Buffer.from(hex.padStart(8, '0'), 'hex').reverse().readUInt32BE());
}

function prefixLength(mask: bigint): number {
  return mask.toString(2).replaceAll('0', '').length;
}
