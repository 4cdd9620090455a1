// `docker rm`: removes containers; with -f running ones too, and one that is not there is no failure then.
import { isHttpError } from '../../../client/errors.ts';
import { formatError } from '../../output/errors.ts';
import { failures } from '../../output/failures.ts';
import type { DefineVerb } from '../../verb.ts';

interface RmFlags {
  readonly force?: boolean;
  readonly volumes?: boolean;
  readonly link?: boolean;
}

/** `gantry docker rm`. */
export const rm: DefineVerb = (command, begin) => {
  command
    .argument('<containers...>')
    .option('-f, --force', 'kill it first if it runs')
    .option('-l, --link', 'remove the link of this name, not the container')
    .option('-v, --volumes', 'remove its anonymous volumes too')
    .action((names: string[], { force = false, volumes = false, link = false }: RmFlags) =>
      begin(async (context) => {
        const docker = await context.docker();
        const options = { force, v: volumes, ...(link ? { link } : {}) };
        const tries = names.map(async (name) => await docker.getContainer(name).remove(options));
        const errors: unknown[] = [];
        for (const [index, outcome] of (await Promise.allSettled(tries)).entries()) {
          if (outcome.status === 'fulfilled') context.print(`${names[index] ?? ''}\n`);
          else if (force && isHttpError(outcome.reason, 404))
            context.remark(formatError(outcome.reason, { color: context.color.err, fromDaemon: true }));
          else errors.push(outcome.reason);
        }
        return failures(context, errors);
      }),
    );
};
