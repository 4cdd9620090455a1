// Capabilities of a container: Docker's default set, additions, drops and privileged (Docker's profile, capabilities(7)).
import { GantryError } from '../../base/error.ts';
import type { HostConfig } from '../../api/containers.ts';

/** Names without `CAP_`, at the index of their bit. */
const CAPABILITIES = [
  ...['CHOWN', 'DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER', 'FSETID', 'KILL', 'SETGID', 'SETUID', 'SETPCAP'],
  ...['LINUX_IMMUTABLE', 'NET_BIND_SERVICE', 'NET_BROADCAST', 'NET_ADMIN', 'NET_RAW', 'IPC_LOCK', 'IPC_OWNER'],
  ...['SYS_MODULE', 'SYS_RAWIO', 'SYS_CHROOT', 'SYS_PTRACE', 'SYS_PACCT', 'SYS_ADMIN', 'SYS_BOOT', 'SYS_NICE'],
  ...['SYS_RESOURCE', 'SYS_TIME', 'SYS_TTY_CONFIG', 'MKNOD', 'LEASE', 'AUDIT_WRITE', 'AUDIT_CONTROL', 'SETFCAP'],
  ...['MAC_OVERRIDE', 'MAC_ADMIN', 'SYSLOG', 'WAKE_ALARM', 'BLOCK_SUSPEND', 'AUDIT_READ', 'PERFMON', 'BPF'],
  'CHECKPOINT_RESTORE',
] as const;

const DEFAULTS: readonly string[] = [
  ...['CHOWN', 'DAC_OVERRIDE', 'FSETID', 'FOWNER', 'MKNOD', 'NET_RAW', 'SETGID', 'SETUID', 'SETFCAP', 'SETPCAP'],
  ...['NET_BIND_SERVICE', 'SYS_CHROOT', 'KILL', 'AUDIT_WRITE'],
];

/** Names a container holds, in bit order. Throws engine/bad-parameter for a name that no kernel or not this one has. */
export function effectiveCapabilities(
  host: Pick<HostConfig, 'CapAdd' | 'CapDrop' | 'Privileged'>,
  known: readonly string[],
): readonly string[] {
  if (host.Privileged === true) return known;
  const add = (host.CapAdd ?? []).map((name) => normalize(name, known));
  const drop = (host.CapDrop ?? []).map((name) => normalize(name, known));
  const base = drop.includes('ALL') ? [] : add.includes('ALL') ? known : DEFAULTS;
  const kept = base.filter((name) => !drop.includes(name));
  return known.filter((name) => kept.includes(name) || add.includes(name));
}

/** The set as a bit mask. */
export function capabilityMask(names: readonly string[]): bigint {
  return names.reduce((mask, name) => mask | (1n << BigInt((CAPABILITIES as readonly string[]).indexOf(name))), 0n);
}

/** What a process has, from the text of its /proc/PID/status: no container can have more than the engine. */
export function availableCapabilities(status: string): readonly string[] {
  const mask = BigInt(`0x${/^CapPrm:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
  return CAPABILITIES.filter((_, bit) => ((mask >> BigInt(bit)) & 1n) === 1n);
}

function normalize(name: string, known: readonly string[]): string {
  const upper = name.toUpperCase().replace(/^CAP_/, '');
  if (upper === 'ALL' || known.includes(upper)) return upper;
  if ((CAPABILITIES as readonly string[]).includes(upper)) {
    throw new GantryError(
      'engine/bad-parameter',
      `capability not supported by your kernel or not available in the current environment: "CAP_${upper}"`,
    );
  }
  throw new GantryError('engine/bad-parameter', `invalid capability: "CAP_${upper}"`);
}
