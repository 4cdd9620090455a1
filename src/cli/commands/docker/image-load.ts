// `docker load`.
import { GantryError } from '../../../base/error.ts';
import { finishProgress } from '../../../client/follow.ts';
import type { Context } from '../../context.ts';
import { isTerminal } from '../../io.ts';
import { openInput } from '../../output/open-input.ts';
import type { DefineVerb } from '../../verb.ts';

interface Flags {
  readonly input?: string;
  readonly quiet?: boolean;
  readonly platform?: string;
}

/** `docker load [-i FILE]`. */
export const imageLoad: DefineVerb = (command, begin) => {
  command
    .option('-i, --input <file>', 'read from a file instead of standard input')
    .option('-q, --quiet', 'accepted: no progress is drawn')
    .option('--platform <platform>', 'of an image for several platforms, this one')
    .action((flags: Flags) => begin(async (context) => await load(context, flags)));
};

async function load(context: Context, flags: Flags): Promise<undefined> {
  if (flags.input === undefined && isTerminal(context.io.stdin)) {
    throw new GantryError('usage/invalid-flag', 'requested load from stdin, but stdin is empty', {
      hint: 'give -i FILE, or redirect the input',
    });
  }
  const input = await openInput(context, flags.input ?? '-');
  const docker = await context.docker();
  const stream = await docker.loadImage(input, {
    quiet: true,
    platform: flags.platform,
    abortSignal: context.interrupts.signal,
  });
  await finishProgress(stream, ({ stream: text }) => {
    if (text !== undefined) context.print(text);
  });
  return undefined;
}
