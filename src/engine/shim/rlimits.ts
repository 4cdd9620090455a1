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

/** The most that can be given of a limit; names that are missing have no such bound. */
export type RlimitCeilings = Readonly<Record<string, bigint>>;

/** The limits of a container; later entries of a name win. Throws engine/bad-parameter for unknown names and soft > hard. */
export function rlimitsOf(ulimits: readonly Ulimit[], ceilings: RlimitCeilings): readonly Rlimit[] {
  const asked = new Map(ulimits.map((limit) => [limit.Name, toRlimit(limit)]));
  const defaults = DEFAULTS.filter(({ Name }) => !asked.has(Name)).map((limit) =>
    lower(toRlimit(limit), ceilings[limit.Name]),
  );
  return [...defaults, ...asked.values()];
}

/** What an engine without CAP_SYS_RESOURCE is bound by: its own hard limits, from the text of /proc/self/limits. */
export function readCeilings(limits: string): RlimitCeilings {
  const hard = (line: string): bigint => {
    const value = limits
      .split('\n')
      .find((text) => text.startsWith(line))
      ?.slice(line.length)
      .trim()
      .split(/\s+/)[1];
    return value === undefined || value === 'unlimited' ? UNLIMITED : BigInt(value);
  };
  return {
    nofile: hard('Max open files'),
    core: hard('Max core file size'),
    nproc: hard('Max processes'),
    stack: hard('Max stack size'),
  };
}

function lower(limit: Rlimit, ceiling = UNLIMITED): Rlimit {
  const least = (value: bigint): bigint => (value < ceiling ? value : ceiling);
  return { ...limit, soft: least(limit.soft), hard: least(limit.hard) };
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
