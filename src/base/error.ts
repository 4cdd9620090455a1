// The one error class of gantry. Messages are one line, lower-case, and say what and which;
// the hint is one command or edit that mends it. Anything else that is thrown is a programmer's mistake.
import type { Diagnostic } from './diagnostic.ts';
import { CODES, type ErrorCode } from './codes.ts';

/** What an error carries beside its message. */
export interface ErrorExtra {
  /** One command or edit the user can do. */
  readonly hint?: string;
  readonly cause?: unknown;
  /** Values for machines, for example `{ port: 8080 }`; never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Problems with positions in files, all of them at once. */
  readonly diagnostics?: readonly Diagnostic[];
}

/** A failure that a person can act on. `code` is a row of `CODES`. */
export class GantryError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;
  readonly diagnostics: readonly Diagnostic[];

  constructor(code: ErrorCode, message: string, extra: ErrorExtra = {}) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.name = 'GantryError';
    this.code = code;
    this.hint = extra.hint;
    this.details = extra.details ?? {};
    this.diagnostics = extra.diagnostics ?? [];
  }

  /** HTTP status the engine answers with for this error. */
  get status(): number {
    return CODES[this.code].status;
  }
}

/** True for a GantryError, of the given code when one is given. */
export function isGantryError(error: unknown, code?: ErrorCode): error is GantryError {
  return error instanceof GantryError && (code === undefined || error.code === code);
}

/** The message of anything thrown, one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/\s*\n\s*/g, ' ').trim();
}

/** Throws a plain Error when a condition that the code itself guarantees does not hold. */
export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(`invariant violated: ${message}`);
}

/** Marks a branch the types exclude. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}
