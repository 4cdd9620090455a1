// `docker import`.
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { GantryError } from '../../../base/error.ts';
import { finishProgress } from '../../../client/follow.ts';
import { collect } from '../../flags.ts';
import type { Context } from '../../context.ts';
import { splitReference } from '../../output/reference.ts';
import type { DefineVerb } from '../../verb.ts';

/** `docker import FILE|- [REPOSITORY[:TAG]]`. */
export const imageImport: DefineVerb = (command, begin) => {
  command
    .argument('<file>')
    .argument('[reference]')
    .option('-c, --change <instruction>', 'Dockerfile instruction to apply, repeatable', collect)
    .option('-m, --message <text>', 'message for the history')
    .action((file: string, reference: string | undefined, flags: { change?: string[]; message?: string }) =>
      begin(async (context) => {
        const docker = await context.docker();
        const { repository, tag } = splitReference(reference ?? '');
        const stream = await docker.importImage(await openTar(context, file), {
          ...(reference === undefined ? {} : { repo: repository, tag }),
          ...(flags.change === undefined ? {} : { changes: flags.change }),
          message: flags.message,
          abortSignal: context.interrupts.signal,
        });
        const lines = await finishProgress(stream);
        context.print(`${lines.at(-1)?.status ?? ''}\n`);
        return undefined;
      }),
    );
};

async function openTar(context: Context, file: string): Promise<Readable> {
  if (file === '-') return context.io.stdin;
  const found = await stat(file).catch(() => undefined);
  if (found?.isFile() !== true) throw new GantryError('usage/invalid-flag', `no such file: ${file}`);
  return createReadStream(file);
}
