// `docker import`.
import { finishProgress } from '../../../client/follow.ts';
import { collect } from '../../flags.ts';
import { openInput } from '../../output/open-input.ts';
import { splitReference } from '../../output/reference.ts';
import type { DefineVerb } from '../../verb.ts';

interface Flags {
  readonly change?: string[];
  readonly message?: string;
  readonly platform?: string;
}

/** `docker import FILE|URL|- [REPOSITORY[:TAG]]`. */
export const imageImport: DefineVerb = (command, begin) => {
  command
    .argument('<file>')
    .argument('[reference]')
    .option('-c, --change <instruction>', 'Dockerfile instruction to apply, repeatable', collect)
    .option('-m, --message <text>', 'message for the history')
    .option('--platform <platform>', 'what it is for, where that is not this machine')
    .action((file: string, reference: string | undefined, flags: Flags) =>
      begin(async (context) => {
        const docker = await context.docker();
        const { repository, tag } = splitReference(reference ?? '');
        const source = /^https?:\/\//i.test(file) ? new URL(file) : await openInput(context, file);
        const stream = await docker.importImage(source, {
          ...(reference === undefined ? {} : { repo: repository, tag }),
          ...(flags.change === undefined ? {} : { changes: flags.change }),
          message: flags.message,
          platform: flags.platform,
          abortSignal: context.interrupts.signal,
        });
        const lines = await finishProgress(stream);
        context.print(`${lines.at(-1)?.status ?? ''}\n`);
        return undefined;
      }),
    );
};
