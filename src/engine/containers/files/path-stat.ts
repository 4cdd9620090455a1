// What a path of a container is: gantry-fs's line read, and Docker's header made of it.
import { GantryError } from '../../../base/error.ts';
import { formatTime } from '../time.ts';

/** A path's attributes. */
export interface PathStat {
  /** st_mode. */
  readonly mode: number;
  readonly size: number;
  /** Nanoseconds since the epoch. */
  readonly mtime: bigint;
  /** Where a symlink leads in the end; "" for anything else. */
  readonly linkTarget: string;
}

/** Longest line: a PATH_MAX path and numbers. */
export const MAX_STAT = 4400;

const TYPE = 0o170000;
/** Bits of Go's FileMode by file type of st_mode. */
const GO_TYPES: ReadonlyMap<number, number> = new Map([
  [0o040000, 2 ** 31],
  [0o120000, 2 ** 27],
  [0o010000, 2 ** 25],
  [0o140000, 2 ** 24],
  [0o060000, 2 ** 26],
  [0o020000, 2 ** 26 + 2 ** 21],
]);
/** Bits of Go's FileMode by bit of st_mode: set-uid, set-gid, sticky. */
const GO_BITS = [
  [0o4000, 2 ** 23],
  [0o2000, 2 ** 22],
  [0o1000, 2 ** 20],
] as const;

/** `MODE SIZE SECONDS.NANOSECONDS LINKTARGET`. */
export function parseStat(line: string): PathStat {
  const found = /^([0-7]+) (\d+) (-?\d+)\.(\d{9}) ([^]*)$/.exec(line);
  if (found === null) throw new GantryError('engine/internal', `gantry-fs stat answered ${JSON.stringify(line)}`);
  const [, mode = '', size = '', seconds = '', nanos = '', linkTarget = ''] = found;
  const mtime = BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
  return { mode: parseInt(mode, 8), size: Number(size), mtime, linkTarget };
}

/** Whether it is a folder. */
export function isFolder({ mode }: PathStat): boolean {
  return (mode & TYPE) === 0o040000;
}

/** The value of X-Docker-Container-Path-Stat. */
export function statHeader(name: string, stat: PathStat): string {
  const { size, mtime, linkTarget } = stat;
  const value = { name, size, mode: goMode(stat.mode), mtime: formatTime(mtime), linkTarget };
  return Buffer.from(JSON.stringify(value)).toString('base64');
}

/** Go's FileMode of an st_mode. */
export function goMode(mode: number): number {
  const bits = GO_BITS.reduce((sum, [bit, go]) => ((mode & bit) === 0 ? sum : sum + go), 0);
  return (mode & 0o777) + bits + (GO_TYPES.get(mode & TYPE) ?? 0);
}
