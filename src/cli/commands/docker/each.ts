// Verbs that do the same with several objects: a failure is told and the rest goes on, as Docker does it.
import { GantryError } from '../../../base/error.ts';
import type { Context } from '../../context.ts';
import { formatError } from '../../output/errors.ts';

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

/** What is no failure of one object (a lost engine, Ctrl-C, a mistake of ours) ends the command. */
function tell(context: Context, error: unknown): 1 {
  const ends = ['client/unreachable', 'base/aborted', 'cli/interrupted'];
  if (!(error instanceof GantryError) || ends.includes(error.code)) throw error;
  context.remark(formatError(error, { color: context.color.err, fromDaemon: true }));
  return 1;
}
