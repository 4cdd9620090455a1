// The question before a prune.
import { createInterface } from 'node:readline';
import type { Context } from '../../context.ts';

/** Asks behind the warning (in its line when it ends with a blank), unless `force` is given; anything but y or yes is no, and so is an end of input. */
export async function confirmed(context: Context, warning: string, force: boolean | undefined): Promise<boolean> {
  if (force === true) return true;
  context.print(`WARNING! ${warning}${warning.endsWith(' ') ? '' : '\n'}Are you sure you want to continue? [y/N] `);
  const lines = createInterface({ input: context.io.stdin, signal: context.interrupts.signal });
  let answer = '';
  for await (const line of lines) {
    answer = line;
    break;
  }
  lines.close();
  return /^y(?:es)?$/i.test(answer.trim());
}
