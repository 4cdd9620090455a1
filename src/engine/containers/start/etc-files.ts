// The three files that the engine keeps in a container's /etc. Rewritten in place: they are bound by inode.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { GantryError } from '../../../base/error.ts';
import { hostnameFile, hostsFile, parseResolvConf, plainResolvConf, resolverResolvConf } from '../../networks/files.ts';
import { pathsOf, type Containers } from '../context.ts';
import type { ContainerRecord } from '../record.ts';
import type { PlanInput } from '../../shim/plan/input.ts';
import { defaultLinks } from './default-links.ts';

/** Writes them for this start; gives where they are. Who shares another's network has that one's files. */
export function writeEtcFiles(containers: Containers, record: ContainerRecord): PlanInput['etc'] {
  const mode = record.host.NetworkMode ?? '';
  if (mode.startsWith('container:')) {
    const owner = pathsOf(containers, mode.slice('container:'.length));
    return { hosts: owner.hosts, hostname: owner.hostname, resolv: owner.resolv };
  }
  const paths = pathsOf(containers, record.id);
  writeFileSync(paths.hostname, hostnameFile(record.config.Hostname ?? ''));
  writeFileSync(paths.hosts, hostsText(containers, record));
  writeResolv(paths.resolv, resolvText(containers, record));
  return { hosts: paths.hosts, hostname: paths.hostname, resolv: paths.resolv };
}

/** /etc/hosts as it is now, for a container whose networks changed while it runs. */
export function rewriteHosts(containers: Containers, record: ContainerRecord): void {
  if ((record.host.NetworkMode ?? '').startsWith('container:')) return;
  writeFileSync(pathsOf(containers, record.id).hosts, hostsText(containers, record));
}

/** The same with /etc/resolv.conf: who joins its first network with a resolver asks that from now on. */
export function rewriteEtcFiles(containers: Containers, record: ContainerRecord): void {
  rewriteHosts(containers, record);
  if ((record.host.NetworkMode ?? '').startsWith('container:')) return;
  writeResolv(pathsOf(containers, record.id).resolv, resolvText(containers, record));
}

function hostsText(containers: Containers, record: ContainerRecord): string {
  const extra = (record.host.ExtraHosts ?? []).map((entry) => extraHost(containers, entry));
  if (record.host.NetworkMode === 'host' && extra.length === 0) return readFileSync('/etc/hosts', 'utf8');
  const endpoints = Object.values(record.networks).flatMap((member) => member.endpoint ?? []);
  const addresses = endpoints.flatMap(({ address, address6 }) => [address, address6].filter(Boolean));
  return hostsFile({
    hostname: record.config.Hostname ?? '',
    domainname: record.config.Domainname ?? '',
    addresses,
    extraHosts: [...extra, ...defaultLinks(containers, record).hosts],
    ipv6: hasIpv6(record),
  });
}

/** Whether its loopback has ::1: the kernel can, and its sysctls do not forbid it. */
function hasIpv6({ host }: ContainerRecord): boolean {
  const isOff = ['all', 'lo'].some((link) => host.Sysctls?.[`net.ipv6.conf.${link}.disable_ipv6`] === '1');
  return !isOff && existsSync('/proc/net/if_inet6');
}

/** `name:address` or `name=address`; `host-gateway` is the default bridge's address on the host. */
function extraHost({ networks }: Containers, entry: string): { name: string; address: string } {
  const at = entry.search(/[:=]/);
  const address = entry.slice(at + 1).replace(/^\[(.*)\]$/, '$1');
  if (at < 1 || address === '') throw new GantryError('engine/bad-parameter', `bad format for add-host: "${entry}"`);
  return {
    name: entry.slice(0, at),
    address: address === 'host-gateway' ? networks.resolve('bridge').gateway : address,
  };
}

function resolvText({ networks }: Containers, record: ContainerRecord): string {
  const host = parseResolvConf(readIfThere('/etc/resolv.conf') ?? '');
  const { Dns, DnsSearch, DnsOptions } = record.host;
  const own = { servers: Dns ?? [], search: DnsSearch ?? [], options: DnsOptions ?? [] };
  const members = new Set(Object.values(record.networks).map((member) => member.networkId));
  const hasResolver = networks
    .list()
    .some((network) => members.has(network.id) && network.driver === 'bridge' && !network.isDefault);
  return hasResolver ? resolverResolvConf({ host, own }) : plainResolvConf({ host, own });
}

/** A file that someone changed inside the container is never written again: its hash beside it says what we wrote last. */
function writeResolv(path: string, text: string): void {
  const mark = `${path}.hash`;
  const last = readIfThere(mark);
  if (last !== undefined && last !== hash(readIfThere(path) ?? '')) return;
  writeFileSync(path, text);
  writeFileSync(mark, hash(text));
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}
