// One line of a json-file log.
import { STREAMS } from '../../../api/frames.ts';
import { parseTime } from '../time.ts';

/** What a line says. */
export interface LogEntry {
  readonly stream: 'stdout' | 'stderr';
  /** With its line end; pieces of a long line come without. */
  readonly text: string;
  /** RFC3339Nano. */
  readonly time: string;
}

/** Reads a line; nothing for one that is damaged (a crash of the machine may cut the last one). */
export function parseEntry(line: string): LogEntry | undefined {
  try {
    const { log, stream, time } = JSON.parse(line) as Record<string, unknown>;
    if (typeof log !== 'string' || typeof time !== 'string') return undefined;
    return { text: log, stream: stream === 'stderr' ? 'stderr' : 'stdout', time };
  } catch {
    return undefined;
  }
}

/** The number of its stream in frames. */
export function streamNumber(entry: LogEntry): number {
  return STREAMS[entry.stream];
}

/** The time with all nine digits, as `logs -t` prints it. */
export function fixedTime(time: string): string {
  const match = /^(.*?)(?:\.(\d+))?Z$/.exec(time);
  return match === null ? time : `${match[1] ?? ''}.${(match[2] ?? '').padEnd(9, '0')}Z`;
}

/** Nanoseconds since the epoch. */
export function entryTime(entry: LogEntry): bigint {
  return parseTime(entry.time);
}
