// `docker image prune`.
import type { ImagesPruned } from '../../../api/usage.ts';
import { collect } from '../../flags.ts';
import { humanSize } from '../../output/human.ts';
import type { DefineVerb } from '../../verb.ts';
import { confirmed } from './confirm.ts';
import { filtersOf } from './filters.ts';

interface Flags {
  readonly all?: boolean;
  readonly filter?: readonly string[];
  readonly force?: boolean;
}

/** `docker image prune`: images without a name; with --all those without a container too. */
export const imagePrune: DefineVerb = (command, begin) => {
  command
    .option('-a, --all', 'also images with a name that no container uses')
    .option('--filter <filter>', 'until=TIME, label=KEY or label!=KEY, repeatable', collect)
    .option('-f, --force', 'ask nothing')
    .action((flags: Flags) =>
      begin(async (context) => {
        const all = flags.all === true;
        const filters = { ...filtersOf(flags.filter), dangling: [String(!all)] };
        const which = all ? 'images without at least one container associated to them' : 'dangling images';
        if (!(await confirmed(context, `This will remove all ${which}.`, flags.force))) return undefined;
        const docker = await context.docker();
        const pruned = await docker.pruneImages({ filters, abortSignal: context.interrupts.signal });
        context.print(prunedImagesText(pruned));
        context.print(`Total reclaimed space: ${humanSize(pruned.SpaceReclaimed, 4)}\n`);
        return undefined;
      }),
    );
};

/** The images that went; "" when there were none. */
export function prunedImagesText({ ImagesDeleted }: ImagesPruned): string {
  const lines = (ImagesDeleted ?? []).map((item) =>
    'Untagged' in item ? `untagged: ${item.Untagged}\n` : `deleted: ${item.Deleted}\n`,
  );
  return lines.length === 0 ? '' : `Deleted Images:\n${lines.join('')}\n`;
}
