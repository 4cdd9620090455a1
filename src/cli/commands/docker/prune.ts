// What every prune does: asks, removes one kind of things after the other, tells what went.
import type { Docker, PruneOptions } from '../../../client/docker.ts';
import type { Context } from '../../context.ts';
import { collect } from '../../flags.ts';
import type { Command } from '../../args/command.ts';
import { humanSize } from '../../output/human.ts';
import { askConsent } from '../../prompt.ts';

/** Flags of every prune. */
export interface PruneFlags {
  readonly filter?: readonly string[];
  readonly force?: boolean;
}

/** Adds them; `filters` says which there are. */
export function pruneFlags(command: Command, filters: string): Command {
  return command.option('--filter <filter>', `${filters}, repeatable`, collect).option('-f, --force', 'ask nothing');
}

/** What went. */
export interface Pruned {
  /** "" when nothing did. */
  readonly text: string;
  /** Absent where nobody counts them. */
  readonly bytes?: number;
}

/** Removes one kind of things. */
export type PruneStep = (docker: Docker, options: PruneOptions) => Promise<Pruned>;

/** What is removed. */
export interface PruneWork {
  /** Stands before the question; in its line when it ends with a blank. */
  readonly warning: string;
  readonly force: boolean | undefined;
  readonly steps: readonly (readonly [step: PruneStep, filters: PruneOptions['filters']])[];
}

/** Prunes when the person consents; gives the exit code. */
export async function runPrune(context: Context, { warning, force, steps }: PruneWork): Promise<number> {
  if (force !== true && !(await askPrune(context, warning))) return 0;
  const docker = await context.docker();
  let reclaimed: number | undefined;
  for (const [step, filters = {}] of steps) {
    const { text, bytes } = await step(docker, { filters, abortSignal: context.interrupts.signal });
    context.print(text);
    if (bytes !== undefined) reclaimed = (reclaimed ?? 0) + bytes;
  }
  if (reclaimed !== undefined) context.print(`Total reclaimed space: ${humanSize(reclaimed, 4)}\n`);
  return 0;
}

async function askPrune(context: Context, warning: string): Promise<boolean> {
  context.print(`WARNING! ${warning}${warning.endsWith(' ') ? '' : '\n'}Are you sure you want to continue? [y/N] `);
  return await askConsent(context, '');
}

/** Containers that do not run. */
export const stoppedContainers: PruneStep = async (docker, options) => {
  const { ContainersDeleted, SpaceReclaimed } = await docker.pruneContainers(options);
  return { text: listText('Containers', ContainersDeleted), bytes: SpaceReclaimed };
};

/** Networks that no container uses. */
export const unusedNetworks: PruneStep = async (docker, options) => {
  const { NetworksDeleted } = await docker.pruneNetworks(options);
  return { text: listText('Networks', NetworksDeleted) };
};

/** Volumes that no container uses: anonymous ones, by a filter all. */
export const unusedVolumes: PruneStep = async (docker, options) => {
  const { VolumesDeleted, SpaceReclaimed } = await docker.pruneVolumes(options);
  return { text: listText('Volumes', VolumesDeleted), bytes: SpaceReclaimed };
};

/** Images without a name, or without a container. */
export const unusedImages =
  (all: boolean): PruneStep =>
  async (docker, { filters, ...options }) => {
    const pruned = await docker.pruneImages({ ...options, filters: { ...filters, dangling: [String(!all)] } });
    const lines = (pruned.ImagesDeleted ?? []).map((item) =>
      'Untagged' in item ? `untagged: ${item.Untagged}` : `deleted: ${item.Deleted}`,
    );
    return { text: listText('Images', lines), bytes: pruned.SpaceReclaimed };
  };

/** What of the build cache nothing uses, or all of it. */
export const buildCache =
  (all: boolean): PruneStep =>
  async (docker, options) => {
    const { CachesDeleted, SpaceReclaimed } = await docker.pruneBuilder({ ...options, all });
    return { text: listText('build cache objects', CachesDeleted), bytes: SpaceReclaimed };
  };

function listText(what: string, names: readonly string[] | null): string {
  return names === null || names.length === 0 ? '' : `Deleted ${what}:\n${names.join('\n')}\n\n`;
}
