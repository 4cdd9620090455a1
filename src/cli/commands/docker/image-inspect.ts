// `docker image inspect`.
import type { DefineVerb } from '../../verb.ts';
import { inspectEach } from './each.ts';

/** `docker image inspect IMAGE…`. */
export const imageInspect: DefineVerb = (command, begin) => {
  command
    .argument('<images...>')
    .option('-f, --format <format>', 'json, or a Go template')
    .action((names: string[], { format }: { format?: string }) =>
      begin(async (context) => {
        const docker = await context.docker();
        const options = { abortSignal: context.interrupts.signal };
        return await inspectEach(context, names, {
          format,
          look: async (name) => await docker.getImage(name).inspect(options),
        });
      }),
    );
};
