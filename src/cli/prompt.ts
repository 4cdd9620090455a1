// Asks a person for one line on the terminal; a secret is not shown while it is typed.
import { GantryError } from '../base/error.ts';
import type { Context } from './context.ts';

const MAX_LINE = 64 * 1024;

/** The line that was typed. Throws cli/interrupted on Ctrl-C. */
export async function askLine(
  { io }: Pick<Context, 'io'>,
  question: string,
  { isSecret }: { readonly isSecret: boolean },
): Promise<string> {
  io.stderr.write(question);
  const { stdin } = io;
  if (isSecret) stdin.setRawMode?.(true);
  try {
    return await readLine(stdin);
  } finally {
    if (isSecret) {
      stdin.setRawMode?.(false);
      io.stderr.write('\n');
    }
    stdin.pause();
  }
}

async function readLine(stdin: Context['io']['stdin']): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let line = '';
  const onData = (chunk: Buffer): void => {
    for (const char of chunk.toString()) {
      if (char === '\u0003') reject(new GantryError('cli/interrupted', 'interrupted'));
      else if (char === '\n' || char === '\r' || char === '\u0004') resolve(line);
      else if (char === '\u007f' || char === '\b') line = line.slice(0, -1);
      else line += char;
    }
    if (line.length > MAX_LINE) reject(new GantryError('usage/invalid-flag', 'the line is too long'));
  };
  stdin.on('data', onData).once('end', () => resolve(line));
  try {
    return await promise;
  } finally {
    stdin.off('data', onData);
  }
}
