// Verbs that do the same with several objects: a failure is told and the rest goes on, as Docker does it.
import { GantryError } from '../../../base/error.ts';
import type { Context } from '../../context.ts';
import { formatError } from '../../output/errors.ts';
import { printInspected } from '../../output/inspect.ts';

/** Does `work` with one name after the other; what it gives is printed. Gives the exit code. */
export async function forEach(
  context: Context,
  names: readonly string[],
  work: (name: string) => Promise<string>,
): Promise<number> {
  let status = 0;
  for (const name of names) {
    try {
      context.print(await work(name));
    } catch (error) {
      status = tell(context, error);
    }
  }
  return status;
}

/** Looks at several objects and prints those that are there; a missing one is told after them. */
export async function inspectEach(
  context: Context,
  names: readonly string[],
  options: { readonly format: string | undefined; readonly look: (name: string) => Promise<object> },
): Promise<number> {
  const found = await Promise.allSettled(names.map(async (name) => await options.look(name)));
  const objects = found.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  context.print(printInspected(objects, options.format));
  const failures = found.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  for (const failure of failures) tell(context, failure);
  return failures.length > 0 ? 1 : 0;
}

/** What is no failure of one object (a lost engine, Ctrl-C, a mistake of ours) ends the command. */
function tell(context: Context, error: unknown): 1 {
  const ends = ['client/unreachable', 'base/aborted', 'cli/interrupted'];
  if (!(error instanceof GantryError) || ends.includes(error.code)) throw error;
  context.remark(formatError(error, context.color.err));
  return 1;
}
