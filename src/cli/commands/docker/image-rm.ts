// `docker rmi`.
import type { ImageDeleteItem } from '../../../api/objects.ts';
import { isHttpError } from '../../../client/errors.ts';
import type { DefineVerb } from '../../verb.ts';
import { forEach } from './each.ts';

interface Flags {
  readonly force?: boolean;
  readonly prune?: boolean;
}

/** `docker rmi IMAGE…`; with --force a missing one is told and no error. */
export const imageRm: DefineVerb = (command, begin) => {
  command
    .argument('<images...>')
    .option('-f, --force', 'also when it has other names or stopped containers')
    .option('--no-prune', 'keep untagged parents')
    .action((names: string[], { force = false, prune }: Flags) =>
      begin(async (context) => {
        const docker = await context.docker();
        let missing = 0;
        const status = await forEach(context, names, async (name) => {
          const options = { force, noprune: prune === false, abortSignal: context.interrupts.signal };
          try {
            return (await docker.getImage(name).remove(options)).map(deletionText).join('');
          } catch (error) {
            if (isHttpError(error, 404)) missing += 1;
            throw error;
          }
        });
        return force && missing === names.length ? 0 : status;
      }),
    );
};

/** `Untagged: …` or `Deleted: …`. */
function deletionText(item: ImageDeleteItem): string {
  return 'Untagged' in item ? `Untagged: ${item.Untagged}\n` : `Deleted: ${item.Deleted}\n`;
}
