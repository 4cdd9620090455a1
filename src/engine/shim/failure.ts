// How a failure in the C code travels through TypeScript: as it came over the wire, inside a GantryError.
import { getSystemErrorMap } from 'node:util';
import { GantryError } from '../../base/error.ts';
import { STEPS, type Step } from './records.ts';

/** What was being done, the kernel's answer, and to what. */
export interface Failure {
  readonly step: Step;
  /** Positive; 0 = no system call failed. */
  readonly errno: number;
  readonly path: string;
}

/** The failure in a `failed` or `state` message. */
export function failureFrom(values: { readonly step: number; readonly errno: number; readonly path: string }): Failure {
  return { step: STEPS[values.step] ?? 'internal', errno: values.errno, path: values.path };
}

/** An error that carries the failure; its words are for the log, a caller who knows the container says it better. */
export function failureError(failure: Failure): GantryError {
  const object = failure.path === '' ? '' : ` ${failure.path}`;
  return new GantryError('runtime/start-failed', `${failure.step}${object}: ${errnoText(failure.errno)}`, {
    details: { failure },
  });
}

/** The failure an error carries, if it is one of those. */
export function failureOf(error: unknown): Failure | undefined {
  if (!(error instanceof GantryError)) return undefined;
  return error.details['failure'] as Failure | undefined;
}

/** `ENOENT` and the like; the number when it has no name. */
export function errnoName(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[0] ?? String(errno);
}

/** `no such file or directory`. */
export function errnoText(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[1] ?? `error ${errno}`;
}
