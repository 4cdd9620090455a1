// `docker network rm`.
import { isHttpError } from '../../../client/errors.ts';
import type { DefineVerb } from '../../verb.ts';
import { forEach } from './each.ts';

/** `docker network rm NETWORK…`; with --force a missing one is no error. */
export const networkRm: DefineVerb = (command, begin) => {
  command
    .argument('<networks...>')
    .option('-f, --force', 'a missing network is no error')
    .action((names: string[], { force = false }: { force?: boolean }) =>
      begin(async (context) => {
        const docker = await context.docker();
        return await forEach(context, names, async (name) => {
          try {
            await docker.getNetwork(name).remove({ abortSignal: context.interrupts.signal });
          } catch (error) {
            if (force && isHttpError(error, 404)) return '';
            throw error;
          }
          return `${name}\n`;
        });
      }),
    );
};
