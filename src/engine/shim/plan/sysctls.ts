// Kernel settings of a container's namespaces: Docker's two defaults and the user's, which win.
import { GantryError } from '../../../base/error.ts';
import type { HostConfig } from '../../../api/containers.ts';
import { encodeRecord } from '../codec.ts';
import { PLAN } from '../records.ts';
import { isOwn } from './namespaces.ts';

/** Let programs without privileges ping and listen below port 1024. */
const DEFAULTS: Readonly<Record<string, string>> = {
  'net.ipv4.ip_unprivileged_port_start': '0',
  'net.ipv4.ping_group_range': '0 2147483647',
};
const IPC_KEYS = /^(kernel\.(msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni|shm_rmid_forced)|fs\.mqueue\..+)$/;

/** The records sysctl. */
export function sysctlRecords(host: HostConfig): readonly Buffer[] {
  const base = isOwn(host.NetworkMode) ? DEFAULTS : {};
  const all = { ...base, ...(host.Sysctls ?? {}) };
  return Object.entries(all).map(([key, value]) => encodeRecord(PLAN.sysctl, { key, value }));
}

/** Throws engine/bad-parameter for a key that is not the container's own to set. */
export function checkSysctls(host: HostConfig): void {
  for (const key of Object.keys(host.Sysctls ?? {})) {
    const isNet = key.startsWith('net.');
    if (!isNet && !IPC_KEYS.test(key)) throw refused(`sysctl "${key}" is not in a separate kernel namespace`);
    if (isNet && host.NetworkMode === 'host') throw refused(`sysctl "${key}" not allowed in host network namespace`);
    if (!isNet && host.IpcMode === 'host') throw refused(`sysctl "${key}" not allowed in host ipc namespace`);
  }
}

function refused(message: string): GantryError {
  return new GantryError('engine/bad-parameter', message);
}
