// Several failures of one command, each on its line.
import type { Context } from '../context.ts';
import { formatError } from './errors.ts';

/** Prints them; gives the exit code. */
export function failures(context: Context, errors: readonly unknown[]): number {
  for (const error of errors) context.remark(formatError(error, { color: context.color.err, fromDaemon: true }));
  return errors.length === 0 ? 0 : 1;
}
