// `docker network inspect`.
import type { DefineVerb } from '../../verb.ts';
import { printEach } from './inspected.ts';

interface Flags {
  readonly format?: string;
  readonly verbose?: boolean;
}

/** `docker network inspect NETWORK…`. */
export const networkInspect: DefineVerb = (command, begin) => {
  command
    .argument('<networks...>')
    .option('-f, --format <format>', 'json, or a Go template')
    .option('-v, --verbose', 'more, where an engine has more')
    .action((names: string[], { format, verbose = false }: Flags) =>
      begin(async (context) => {
        const docker = await context.docker();
        const options = { verbose, abortSignal: context.interrupts.signal };
        return await printEach(context, {
          names,
          format,
          find: async (name) => await docker.getNetwork(name).inspect(options),
        });
      }),
    );
};
