// `docker volume prune`.
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

/** `docker volume prune`: anonymous volumes that nothing uses; with --all named ones too. */
export const volumePrune: DefineVerb = (command, begin) => {
  command
    .option('-a, --all', 'named volumes too')
    .option('--filter <filter>', 'label=KEY or label!=KEY, repeatable', collect)
    .option('-f, --force', 'ask nothing')
    .action((flags: Flags) =>
      begin(async (context) => {
        const filters = { ...filtersOf(flags.filter), ...(flags.all === true ? { all: ['true'] } : {}) };
        const kind = flags.all === true ? 'all' : 'anonymous';
        const warning = `This will remove ${kind} local volumes not used by at least one container.`;
        if (!(await confirmed(context, warning, flags.force))) return undefined;
        const docker = await context.docker();
        const pruned = await docker.pruneVolumes({ filters, abortSignal: context.interrupts.signal });
        const names = pruned.VolumesDeleted ?? [];
        if (names.length > 0) context.print(`Deleted Volumes:\n${names.join('\n')}\n\n`);
        context.print(`Total reclaimed space: ${humanSize(pruned.SpaceReclaimed, 4)}\n`);
        return undefined;
      }),
    );
};
