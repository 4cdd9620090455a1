// The lines of pulls and pushes as docker writes them: one JSON object a line, progress bars as text beside the numbers.
import type { Writable } from 'node:stream';

/** Takes the lines of one transfer. */
export interface TransferLines {
  /** A line that stands alone, or tells what a layer is at. */
  say(status: string, id?: string): void;
  /** How far a layer is; at most ten lines a second for each. */
  bar(status: string, id: string, at: Amount): void;
  /** What a machine wants to know at the end. */
  aux(value: object): void;
  /** The failure that ends it. */
  fail(failure: TransferFailure): void;
}

/** A failure; clients other than gantry's own only read the message. */
export interface TransferFailure {
  readonly message: string;
  readonly code: string;
  readonly hint: string | undefined;
}

/** Bytes done of all. */
export interface Amount {
  readonly current: number;
  readonly total: number;
}

const INTERVAL_MS = 100;
const BAR = 50;

/** Lines written to an answer. A client that has gone is noticed elsewhere. */
export function transferLines(out: Pick<Writable, 'write'>): TransferLines {
  const last = new Map<string, number>();
  const write = (line: object): void => void out.write(`${JSON.stringify(line)}\r\n`);
  return {
    say: (status, id) =>
      write(id === undefined ? { status } : STATES.has(status) ? { status, progressDetail: {}, id } : { status, id }),
    bar: (status, id, { current, total }) => {
      const now = performance.now();
      const key = `${status} ${id}`;
      const due = last.get(key) ?? -Infinity;
      // the last byte is always told of, once
      if (now < due && (current < total || due === Infinity)) return;
      last.set(key, current < total ? now + INTERVAL_MS : Infinity);
      write({ status, progressDetail: { current, total }, progress: barText({ current, total }), id });
    },
    aux: (aux) => write({ progressDetail: {}, aux }),
    fail: (failure) => write({ errorDetail: failure, error: failure.message }),
  };
}

/** What layers are at; these lines carry an empty progress. */
const STATES = new Set([
  'Pulling fs layer',
  'Waiting',
  'Verifying Checksum',
  'Download complete',
  'Pull complete',
  'Already exists',
  'Preparing',
  'Layer already exists',
  'Pushed',
]);

/** `[=====>      ]  1.5kB/3kB`, as docker's engine draws it for clients that only print. */
export function barText({ current, total }: Amount): string {
  if (total <= 0) return humanBytes(current).padStart(8);
  const done = Math.min(BAR, Math.floor((current / total) * BAR));
  const box = `[${'='.repeat(done)}>${' '.repeat(BAR - done)}] `;
  const numbers = humanBytes(current).padStart(8);
  return current > total ? box + numbers : `${box}${numbers}/${humanBytes(total)}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Four significant digits and a decimal unit, as Go's units.HumanSize. */
function humanBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(4))}${UNITS[unit] ?? ''}`;
}
