// `docker export`: the file system of a container as a tar, to stdout or a file.
import { rename, rm } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { GantryError } from '../../../base/error.ts';
import type { Context } from '../../context.ts';
import { isTerminal } from '../../io.ts';
import type { DefineVerb } from '../../verb.ts';

/** `docker export CONTAINER`. */
export const exportContainer: DefineVerb = (command, begin) => {
  command
    .argument('<container>')
    .option('-o, --output <file>', 'write to a file')
    .action((name: string, { output = '' }: { output?: string }) =>
      begin(async (context) => {
        if (output === '' && isTerminal(context.io.stdout))
          throw new GantryError('usage/invalid-flag', 'cowardly refusing to save to a terminal', {
            hint: 'use the -o flag or redirect',
          });
        const docker = await context.docker();
        const archive = await docker.getContainer(name).export({ abortSignal: context.interrupts.signal });
        if (output === '') await pipeline(archive, context.io.stdout, { end: false });
        else await writeWhole(context, archive, output);
        return undefined;
      }),
    );
};

/** The file appears when it is complete. */
async function writeWhole({ cwd }: Context, archive: Readable, output: string): Promise<void> {
  const path = resolve(cwd, output);
  const unfinished = `${path}.${process.pid}.part`;
  try {
    await pipeline(archive, createWriteStream(unfinished, { mode: 0o600 }));
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}
