// The lines of pulls and pushes as docker writes them: one JSON object a line, progress bars as text beside the numbers.
import type { Writable } from 'node:stream';
import { barLine, progressLine } from '../../http/progress.ts';

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

/** Lines written to an answer. A client that has gone is noticed elsewhere. */
export function transferLines(out: Pick<Writable, 'write'>): TransferLines {
  const last = new Map<string, number>();
  const write = (line: Readonly<Record<string, unknown>>): void => void out.write(progressLine(line));
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
      out.write(barLine(status, id, { current, total }));
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
