// What every `inspect` does: prints what is found, then tells what is not.
import { isGantryError } from '../../../base/error.ts';
import type { CallOptions } from '../../../client/call.ts';
import type { Docker } from '../../../client/docker.ts';
import type { Context } from '../../context.ts';
import { failures } from '../../output/failures.ts';
import { printInspected } from '../../output/inspect.ts';
import { readTemplate } from '../../template/template.ts';
import type { DefineVerb } from '../../verb.ts';

/** What to print. */
export interface EachInspected {
  readonly names: readonly string[];
  readonly format: string | undefined;
  /** Rejects for what is not there. */
  readonly find: (name: string) => Promise<object>;
}

/** Prints each in turn; gives the exit code. */
export async function printEach(context: Context, { names, format, find }: EachInspected): Promise<number> {
  if (format !== undefined && format !== 'json') readTemplate(format);
  const found: object[] = [];
  const errors: unknown[] = [];
  for (const name of names) {
    try {
      found.push(await find(name));
    } catch (error) {
      if (!isGantryError(error)) throw error;
      errors.push(error);
    }
  }
  const text = textOf(found, format, errors);
  // Docker leaves an empty line where a template gave nothing
  context.print(text === '' ? '\n' : text);
  return failures(context, errors);
}

function textOf(found: readonly object[], format: string | undefined, errors: unknown[]): string {
  try {
    return printInspected(found, format);
  } catch (error) {
    if (!isGantryError(error)) throw error;
    errors.push(error);
    return '';
  }
}

/** The verb `inspect` of a kind of objects. */
export const inspectVerb =
  (argument: string, find: (docker: Docker, name: string, options: CallOptions) => Promise<object>): DefineVerb =>
  (command, begin) => {
    command
      .argument(argument)
      .option('-f, --format <format>', 'json, or a Go template')
      .action((names: string[], { format }: { readonly format?: string }) =>
        begin(async (context) => {
          const docker = await context.docker();
          const options = { abortSignal: context.interrupts.signal };
          return await printEach(context, { names, format, find: async (name) => await find(docker, name, options) });
        }),
      );
  };
