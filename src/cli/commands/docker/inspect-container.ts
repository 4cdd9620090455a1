// `docker container inspect`.
import type { DefineVerb } from '../../verb.ts';
import { printEach } from './inspected.ts';

/** `gantry container inspect`. */
export const inspectContainer: DefineVerb = (command, begin) => {
  command
    .argument('<containers...>')
    .option('-f, --format <format>', 'json, or a Go template')
    .option('-s, --size', 'with the size of files')
    .action((names: string[], { format, size = false }: { format?: string; size?: boolean }) =>
      begin(async (context) => {
        const docker = await context.docker();
        return await printEach(context, {
          names,
          format,
          find: async (name) => await docker.getContainer(name).inspect({ size }),
        });
      }),
    );
};
