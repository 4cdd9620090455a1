// What this host is, as far as launch plans depend on it. Read once at the daemon's start.
import { readFileSync } from 'node:fs';
import { availableParallelism, release, totalmem } from 'node:os';
import { GantryError } from '../../base/error.ts';
import { availableCapabilities } from './capabilities.ts';
import { readCeilings, type RlimitCeilings } from './rlimits.ts';
import { readCgroupLayout, type CgroupLayout } from './cgroup-layout.ts';

/** Facts of the host. */
export interface HostFacts {
  readonly arch: 'x86_64' | 'aarch64';
  readonly kernel: readonly [number, number];
  /** What the engine has itself, and so can give. */
  readonly capabilities: readonly string[];
  readonly rlimitCeilings: RlimitCeilings;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  readonly cgroups: CgroupLayout;
  /** Changes at every boot. */
  readonly bootId: string;
}

/** Reads the facts. Throws engine/unsupported-host on another architecture. */
export function readHostFacts(): HostFacts {
  const capabilities = availableCapabilities(readFileSync('/proc/self/status', 'utf8'));
  return {
    arch: architecture(),
    kernel: kernelVersion(),
    capabilities,
    rlimitCeilings: capabilities.includes('SYS_RESOURCE')
      ? {}
      : readCeilings(readFileSync('/proc/self/limits', 'utf8')),
    cpus: availableParallelism(),
    memory: totalmem(),
    cgroups: readCgroupLayout(readFileSync('/proc/self/mountinfo', 'utf8')),
    bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
  };
}

function architecture(): HostFacts['arch'] {
  if (process.arch === 'x64') return 'x86_64';
  if (process.arch === 'arm64') return 'aarch64';
  throw new GantryError('engine/unsupported-host', `containers need x86_64 or aarch64, this is ${process.arch}`);
}

function kernelVersion(): [number, number] {
  const [major = 0, minor = 0] = release().split(/[.-]/).map(Number);
  return [major, minor];
}
