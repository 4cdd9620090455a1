// `docker stats`: what containers use.
import { viewStats, type Shown, type StatsFlags } from '../../container/stats-view.ts';
import type { Context } from '../../context.ts';
import type { DefineVerb } from '../../verb.ts';

/** `docker stats [CONTAINER…]`: the running ones unless named. */
export const stats: DefineVerb = (command, begin) => {
  command
    .argument('[containers...]')
    .option('-a, --all', 'also those that do not run')
    .option('--format <format>', 'table, table TEMPLATE, json, or a Go template')
    .option('--no-stream', 'only once')
    .option('--no-trunc', 'whole ids')
    .action((names: string[], flags: StatsFlags) =>
      begin(async (context) => {
        await viewStats(context, flags, async () => await shown(context, names, flags.all ?? false));
        return undefined;
      }),
    );
};

async function shown(context: Context, names: readonly string[], all: boolean): Promise<readonly Shown[]> {
  if (names.length > 0) return names.map((name) => ({ id: name, asked: name }));
  const docker = await context.docker();
  const list = await docker.listContainers({ all, abortSignal: context.interrupts.signal });
  return list.map(({ Id, Names }) => ({ id: Id, asked: Names[0]?.replace(/^\//, '') ?? Id }));
}
