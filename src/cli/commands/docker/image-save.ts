// `docker save`.
import { GantryError } from '../../../base/error.ts';
import type { Context } from '../../context.ts';
import { writeStream } from '../../output/write-stream.ts';
import type { DefineVerb } from '../../verb.ts';

interface Flags {
  readonly output?: string;
  readonly platform?: string;
}

/** `docker save [-o FILE] IMAGE…`. */
export const imageSave: DefineVerb = (command, begin) => {
  command
    .argument('<images...>')
    .option('-o, --output <file>', 'write to a file instead of standard output')
    .option('--platform <platform>', 'of an image for several platforms, this one')
    .action((names: string[], flags: Flags) => begin(async (context) => await save(context, names, flags)));
};

async function save(context: Context, names: readonly string[], flags: Flags): Promise<undefined> {
  if (flags.output === undefined && context.io.stdout.isTTY === true) {
    throw new GantryError('usage/invalid-flag', 'an archive is not written to a terminal', {
      hint: 'give -o FILE, or redirect the output',
    });
  }
  const docker = await context.docker();
  const options = { platform: flags.platform, abortSignal: context.interrupts.signal };
  const [first = '', ...rest] = names;
  const archive =
    rest.length === 0 ? await docker.getImage(first).get(options) : await docker.getImages({ names, ...options });
  await writeStream(context, archive, flags.output);
  return undefined;
}
