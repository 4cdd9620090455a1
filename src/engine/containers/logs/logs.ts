// Writes a container's log to a client: the wanted lines, as frames or raw, with or without times.
import type { Writable } from 'node:stream';
import { encodeFrame } from '../../../api/frames.ts';
import { GantryError } from '../../../base/error.ts';
import type { Container } from '../container.ts';
import { pathsOf, type Containers } from '../context.ts';
import { isAlive } from '../record.ts';
import { entryTime, fixedTime, parseEntry, streamNumber, type LogEntry } from './entry.ts';
import { tailStart, type LogMark } from './files.ts';
import { followLog } from './follow.ts';
import { writeOut } from '../../http/write-out.ts';

/** What is wanted. Times are nanoseconds since the epoch, 0 = no bound. */
export interface LogOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  readonly timestamps: boolean;
  /** Lines from the end; nothing = all. */
  readonly tail: number | undefined;
  readonly since: bigint;
  readonly until: bigint;
  /** Where it ends; nothing = all. */
  readonly limit?: LogMark;
}

/** Where it goes. */
export interface LogOutput {
  readonly out: Writable;
  readonly signal: AbortSignal;
}

/** Throws engine/bad-parameter without a stream, engine/not-implemented without a log. */
export function checkLogs(container: Container, options: Pick<LogOptions, 'stdout' | 'stderr'>): void {
  if (!options.stdout && !options.stderr) {
    throw new GantryError('engine/bad-parameter', 'Bad parameters: you must choose at least one stream');
  }
  if (container.record.host.LogConfig?.Type === 'none') {
    throw new GantryError('engine/not-implemented', 'configured logging driver does not support reading');
  }
}

/** Writes the log; with `follow` until the container's run ends. */
export async function writeLogs(
  containers: Containers,
  container: Container,
  options: LogOptions,
  { out, signal }: LogOutput,
): Promise<void> {
  const { log } = pathsOf(containers, container.id);
  using end = endOfRun(container, options.follow);
  // lines are in order of time, so the last ones since a time are those of the last ones that are since it
  const start = await tailStart(log, options.tail);
  for await (const lines of followLog({ path: log, start, written: end.promise, limit: options.limit, signal })) {
    const entries = lines.flatMap((line) => parseEntry(line) ?? []).filter((entry) => isWanted(entry, options));
    if (!(await send(container, entries, options, { out, signal }))) return;
  }
}

/** Resolves when the container's current run has ended; at once when none is under way. */
function endOfRun(container: Container, follow: boolean): Disposable & { promise: Promise<void> | undefined } {
  if (!follow || !isAlive(container.record)) return { promise: undefined, [Symbol.dispose]: () => undefined };
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const stop = container.onEnd(() => resolve(undefined));
  return { promise, [Symbol.dispose]: stop };
}

function isWanted(entry: LogEntry, options: LogOptions): boolean {
  if (!(entry.stream === 'stdout' ? options.stdout : options.stderr)) return false;
  if (options.since === 0n && options.until === 0n) return true;
  const time = entryTime(entry);
  return time >= options.since && (options.until === 0n || time <= options.until);
}

/** False when the client is gone. */
async function send(
  container: Container,
  entries: readonly LogEntry[],
  options: LogOptions,
  { out, signal }: LogOutput,
): Promise<boolean> {
  if (entries.length === 0) return true;
  const isTty = container.record.config.Tty === true;
  const frames = entries.map((entry) => {
    const text = Buffer.from(options.timestamps ? `${fixedTime(entry.time)} ${entry.text}` : entry.text);
    return isTty ? text : encodeFrame(streamNumber(entry), text);
  });
  return await writeOut(out, Buffer.concat(frames), signal);
}
