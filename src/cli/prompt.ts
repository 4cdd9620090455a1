// Asks a person for one line on the terminal, or for consent; a secret is not shown while it is typed.
import { GantryError } from '../base/error.ts';
import type { Context } from './context.ts';

const MAX_LINE = 64 * 1024;

/** The line that was typed. Throws cli/interrupted on Ctrl-C. */
export async function askLine(
  { io, interrupts }: Pick<Context, 'io' | 'interrupts'>,
  question: string,
  { isSecret }: { readonly isSecret: boolean },
): Promise<string> {
  io.stderr.write(question);
  const { stdin } = io;
  if (isSecret) stdin.setRawMode?.(true);
  try {
    return await readLine(stdin, interrupts.signal);
  } finally {
    if (isSecret) {
      stdin.setRawMode?.(false);
      io.stderr.write('\n');
    }
    stdin.pause();
  }
}

/** Asks on stderr; only `y` and `yes` are consent, the end of input is none. Throws cli/interrupted on Ctrl-C. */
export async function askConsent(context: Pick<Context, 'io' | 'interrupts'>, question: string): Promise<boolean> {
  return /^y(?:es)?$/i.test((await askLine(context, question, { isSecret: false })).trim());
}

async function readLine(stdin: Context['io']['stdin'], signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const onAbort = (): void => reject(new GantryError('cli/interrupted', 'interrupted'));
  let line = '';
  const onData = (chunk: Buffer): void => {
    for (const char of chunk.toString()) {
      if (char === '\u0003') onAbort();
      else if (char === '\n' || char === '\r' || char === '\u0004') resolve(line);
      else if (char === '\u007f' || char === '\b') line = line.slice(0, -1);
      else line += char;
    }
    if (line.length > MAX_LINE) reject(new GantryError('usage/invalid-flag', 'the line is too long'));
  };
  const onEnd = (): void => resolve(line);
  stdin.on('data', onData).once('end', onEnd);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await promise;
  } finally {
    stdin.off('data', onData).off('end', onEnd);
    signal.removeEventListener('abort', onAbort);
  }
}
