// Namespaces of a container: which are made, which are joined, and which it shares with the host.
import type { HostConfig } from '../../../api/containers.ts';
import { cgroupVersion } from '../cgroup-layout.ts';
import { encodeRecord } from '../codec.ts';
import { PLAN } from '../records.ts';
import type { PlanInput } from './input.ts';

/** CLONE_NEW* bits. */
export const CLONE = {
  mount: 0x0002_0000,
  cgroup: 0x0200_0000,
  uts: 0x0400_0000,
  ipc: 0x0800_0000,
  pid: 0x2000_0000,
  net: 0x4000_0000,
} as const;

/** The records namespaces, join and hostname. */
export function namespaceRecords(input: PlanInput): readonly Buffer[] {
  const { host } = input;
  const create = [
    CLONE.mount,
    ...(isOwn(host.PidMode) ? [CLONE.pid] : []),
    ...(isOwn(host.IpcMode) ? [CLONE.ipc] : []),
    ...(isOwn(host.NetworkMode) ? [CLONE.net] : []),
    ...(host.UTSMode === 'host' ? [] : [CLONE.uts]),
    ...(hasPrivateCgroup(host, cgroupVersion(input.facts.cgroups)) ? [CLONE.cgroup] : []),
  ].reduce((mask, bit) => mask | bit, 0);
  return [
    encodeRecord(PLAN.namespaces, { create }),
    ...input.joins.map(({ kind, path }) => encodeRecord(PLAN.join, { type: CLONE[kind], path })),
    ...(host.UTSMode === 'host' ? [] : [hostnameRecord(input)]),
  ];
}

/** Whether the mode gives a container a namespace of its own. */
export function isOwn(mode: string | null | undefined): boolean {
  return mode !== 'host' && !(mode ?? '').startsWith('container:');
}

/** Private on version 2 (default), the host's on version 1, as Docker has it. */
function hasPrivateCgroup(host: HostConfig, version: 1 | 2): boolean {
  const mode = host.CgroupnsMode ?? '';
  return mode === 'private' || (mode === '' && version === 2);
}

function hostnameRecord({ config, id }: PlanInput): Buffer {
  return encodeRecord(PLAN.hostname, { host: config.Hostname || id.slice(0, 12), domain: config.Domainname ?? '' });
}
