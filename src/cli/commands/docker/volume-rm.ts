// `docker volume rm`.
import type { DefineVerb } from '../../verb.ts';
import { forEach } from './each.ts';

/** `docker volume rm VOLUME…`; with --force a missing one is no error. */
export const volumeRm: DefineVerb = (command, begin) => {
  command
    .argument('<volumes...>')
    .option('-f, --force', 'a missing volume is no error')
    .action((names: string[], { force = false }: { force?: boolean }) =>
      begin(async (context) => {
        const docker = await context.docker();
        return await forEach(context, names, async (name) => {
          await docker.getVolume(name).remove({ force, abortSignal: context.interrupts.signal });
          return `${name}\n`;
        });
      }),
    );
};
