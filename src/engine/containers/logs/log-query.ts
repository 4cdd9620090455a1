// Reads what a log request asks for.
import { GantryError } from '../../../base/error.ts';
import type { Query } from '../../http/types.ts';
import { parseTime } from '../time.ts';
import type { LogOptions } from './logs.ts';

/** The options of a query. Throws engine/bad-parameter for times that are none. */
export function logOptions(query: Query): LogOptions {
  const tail = query.text('tail') ?? '';
  return {
    stdout: query.flag('stdout', false),
    stderr: query.flag('stderr', false),
    follow: query.flag('follow', false),
    timestamps: query.flag('timestamps', false),
    // "all", nothing and negative numbers are all
    tail: /^\d+$/.test(tail) ? Number(tail) : undefined,
    since: timestamp(query.text('since'), 'since'),
    until: timestamp(query.text('until'), 'until'),
  };
}

/** Nanoseconds since the epoch of `secs[.nanos]` or an RFC3339 date; 0 for nothing. */
function timestamp(text: string | undefined, name: string): bigint {
  if (text === undefined || text === '') return 0n;
  const match = /^(\d+)(?:\.(\d{1,9})\d*)?$/.exec(text);
  if (match !== null) return BigInt(match[1] ?? 0) * 1_000_000_000n + BigInt((match[2] ?? '').padEnd(9, '0'));
  const time = parseTime(text);
  if (time === 0n) throw new GantryError('engine/bad-parameter', `invalid value for "${name}": ${text}`);
  return time;
}
