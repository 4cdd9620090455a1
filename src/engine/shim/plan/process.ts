// The process of a container or an exec: command, environment, user, limits, capabilities and filter.
import type { ContainerConfig, HostConfig } from '../../../api/containers.ts';
import { capabilityMask, effectiveCapabilities } from '../capabilities.ts';
import { encodeRecord } from '../codec.ts';
import type { HostFacts } from '../host-facts.ts';
import { PLAN, PROCESS_FLAGS } from '../records.ts';
import { rlimitsOf } from '../rlimits.ts';
import { seccompProgram } from '../seccomp/filter.ts';
import { securityOptions } from './security.ts';

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const UMASK = 0o022;

/** What is run and how. */
export interface ProcessSpec {
  readonly argv: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: string;
  readonly groups: readonly string[];
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly init: boolean;
  readonly oomScoreAdj: number;
  readonly size: readonly [rows: number, cols: number];
  /** All capabilities, as an exec may ask for. */
  readonly privileged: boolean;
}

/** The records process, rlimit, caps and seccomp. */
export function processRecords(spec: ProcessSpec, host: HostConfig, facts: HostFacts): readonly Buffer[] {
  const security = securityOptions(host.SecurityOpt ?? []);
  const privileged = spec.privileged || host.Privileged === true;
  const caps = effectiveCapabilities({ ...host, Privileged: privileged }, facts.capabilities);
  const mask = capabilityMask(caps);
  const profile = security.seccomp ?? (host.Privileged === true ? 'unconfined' : '');
  const program = seccompProgram(profile, { arch: facts.arch, caps, kernel: facts.kernel });
  return [
    processRecord(spec, security.noNewPrivileges),
    ...rlimitsOf(host.Ulimits ?? [], facts.rlimitCeilings).map((limit) => encodeRecord(PLAN.rlimit, limit)),
    encodeRecord(PLAN.caps, { bounding: mask, effective: mask, permitted: mask }),
    ...(program === undefined ? [] : [encodeRecord(PLAN.seccomp, { program })]),
  ];
}

function processRecord(spec: ProcessSpec, noNewPrivileges: boolean): Buffer {
  const flags = [
    spec.tty ? PROCESS_FLAGS.tty : 0,
    spec.stdin ? PROCESS_FLAGS.stdin : 0,
    spec.stdinOnce ? PROCESS_FLAGS.stdinOnce : 0,
    noNewPrivileges ? PROCESS_FLAGS.noNewPrivileges : 0,
    spec.init ? PROCESS_FLAGS.init : 0,
  ].reduce((mask, bit) => mask | bit, 0);
  return encodeRecord(PLAN.process, {
    argv: spec.argv,
    env: spec.env,
    cwd: spec.cwd,
    user: spec.user,
    groups: spec.groups,
    flags,
    umask: UMASK,
    oomScoreAdj: spec.oomScoreAdj,
    rows: spec.size[0],
    cols: spec.size[1],
  });
}

/** The process a container's configuration describes. */
export function containerProcess(config: ContainerConfig, host: HostConfig, linkEnv: readonly string[]): ProcessSpec {
  const size = host.ConsoleSize ?? [0, 0];
  return {
    argv: [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])],
    env: environment(config, linkEnv),
    cwd: config.WorkingDir || '/',
    user: config.User ?? '',
    groups: host.GroupAdd ?? [],
    tty: config.Tty === true,
    stdin: config.OpenStdin === true,
    stdinOnce: config.StdinOnce === true,
    init: host.Init === true,
    oomScoreAdj: host.OomScoreAdj ?? 0,
    size: [size[0], size[1]],
    privileged: false,
  };
}

/** Docker's order: PATH, HOSTNAME, TERM, links, then the configuration's, which replace in place; a bare name unsets. */
export function environment(config: ContainerConfig, linkEnv: readonly string[] = []): readonly string[] {
  const base = [PATH, `HOSTNAME=${config.Hostname ?? ''}`, ...(config.Tty === true ? ['TERM=xterm'] : []), ...linkEnv];
  return mergeEnv(base, config.Env ?? []);
}

/** `over` replaces entries of the same name where they stand and adds new ones at the end. */
export function mergeEnv(base: readonly string[], over: readonly string[]): readonly string[] {
  const merged = new Map(base.map((entry) => [nameOf(entry), entry]));
  for (const entry of over) {
    if (entry.includes('=')) merged.set(nameOf(entry), entry);
    else merged.delete(entry);
  }
  return [...merged.values()];
}

function nameOf(entry: string): string {
  return entry.split('=', 1)[0] ?? '';
}
