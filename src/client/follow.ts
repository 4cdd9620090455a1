// Streams of JSON lines: events, pulls, imports, waits. One object a line, cut anywhere by the connection.
import type { Readable } from 'node:stream';
import { CODES, type ErrorCode } from '../base/codes.ts';
import { GantryError } from '../base/error.ts';

/** The longest line that is read, in characters. */
const MAX_LINE = 16 * 1024 * 1024;

/** The objects of a stream of JSON lines; leaving the loop early closes the stream. */
export async function* followJson<T>(input: Readable): AsyncGenerator<T, void, undefined> {
  const decoder = new TextDecoder();
  let held = '';
  for await (const chunk of input as AsyncIterable<Buffer>) {
    held += decoder.decode(chunk, { stream: true });
    let end = held.indexOf('\n');
    while (end >= 0) {
      yield* parseLine<T>(held.slice(0, end));
      held = held.slice(end + 1);
      end = held.indexOf('\n');
    }
    if (held.length > MAX_LINE) throw new GantryError('client/protocol', `a line of the engine's answer is too long`);
  }
  yield* parseLine<T>(held);
}

function* parseLine<T>(line: string): Generator<T, void, undefined> {
  const text = line.trim();
  if (text === '') return;
  try {
    yield JSON.parse(text) as T;
  } catch (cause) {
    throw new GantryError('client/protocol', `the engine sent a line that is no JSON: ${text.slice(0, 80)}`, { cause });
  }
}

/** One line of a pull, import or build. */
export interface ProgressLine {
  readonly status?: string;
  readonly stream?: string;
  readonly id?: string;
  readonly error?: string;
  /** gantry's engine adds code and hint. */
  readonly errorDetail?: { readonly message: string; readonly code?: string | number; readonly hint?: string };
  readonly progressDetail?: { readonly current?: number; readonly total?: number };
  readonly progress?: string;
}

/** The failure a line tells of; undefined when it tells of none. */
export function failureIn({ error, errorDetail }: ProgressLine): GantryError | undefined {
  const message = errorDetail?.message ?? error;
  if (message === undefined) return undefined;
  const { code = '', hint } = errorDetail ?? {};
  const known = typeof code === 'string' && code in CODES ? (code as ErrorCode) : 'client/http';
  return new GantryError(known, message, hint === undefined ? {} : { hint });
}

/** Reads a progress stream to its end and gives its lines; a line that tells of an error rejects. */
export async function finishProgress(input: Readable, onLine?: (line: ProgressLine) => void): Promise<ProgressLine[]> {
  const lines: ProgressLine[] = [];
  for await (const line of followJson<ProgressLine>(input)) {
    const failure = failureIn(line);
    if (failure !== undefined) throw failure;
    lines.push(line);
    onLine?.(line);
  }
  return lines;
}
