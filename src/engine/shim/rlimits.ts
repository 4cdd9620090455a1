// Resource limits of a process. Unset ones get fixed values, so that nothing of the daemon's own limits leaks through.
import { GantryError } from '../../base/error.ts';
import type { Ulimit } from '../../api/containers.ts';

/** RLIM_INFINITY. */
export const UNLIMITED = 0xffff_ffff_ffff_ffffn;

/** Names as in ulimit settings, at the kernel's numbers. */
const RESOURCES = [
  ...['cpu', 'fsize', 'data', 'stack', 'core', 'rss', 'nproc', 'nofile', 'memlock', 'as', 'locks', 'sigpending'],
  ...['msgqueue', 'nice', 'rtprio', 'rttime'],
];

const DEFAULTS: readonly Ulimit[] = [
  { Name: 'nofile', Soft: 1024, Hard: 524_288 },
  { Name: 'core', Soft: -1, Hard: -1 },
  { Name: 'nproc', Soft: -1, Hard: -1 },
  { Name: 'stack', Soft: 8 * 1024 * 1024, Hard: -1 },
];

/** A limit by the kernel's number. */
export interface Rlimit {
  readonly resource: number;
  readonly soft: bigint;
  readonly hard: bigint;
}

/** The limits of a container; later entries of a name win. Throws engine/bad-parameter for unknown names and soft > hard. */
export function rlimitsOf(ulimits: readonly Ulimit[]): readonly Rlimit[] {
  const byName = new Map([...DEFAULTS, ...ulimits].map((limit) => [limit.Name, limit]));
  return [...byName.values()].map(toRlimit);
}

function toRlimit(limit: Ulimit): Rlimit {
  const resource = RESOURCES.indexOf(limit.Name);
  if (resource < 0) throw new GantryError('engine/bad-parameter', `invalid ulimit type: ${limit.Name}`);
  const [soft, hard] = [amount(limit.Soft), amount(limit.Hard)];
  if (soft > hard) {
    throw new GantryError(
      'engine/bad-parameter',
      `ulimit soft limit must be less than or equal to hard limit: ${limit.Soft} > ${limit.Hard}`,
    );
  }
  return { resource, soft, hard };
}

function amount(value: number): bigint {
  return value < 0 ? UNLIMITED : BigInt(Math.trunc(value));
}
