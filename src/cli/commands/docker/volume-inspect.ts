// `docker volume inspect`.
import type { DefineVerb } from '../../verb.ts';
import { inspectEach } from './each.ts';

/** `docker volume inspect VOLUME…`. */
export const volumeInspect: DefineVerb = (command, begin) => {
  command
    .argument('<volumes...>')
    .option('-f, --format <format>', 'json, or a Go template')
    .action((names: string[], { format }: { format?: string }) =>
      begin(async (context) => {
        const docker = await context.docker();
        const options = { abortSignal: context.interrupts.signal };
        return await inspectEach(context, names, {
          format,
          look: async (name) => await docker.getVolume(name).inspect(options),
        });
      }),
    );
};
