// `stats`: what the containers of the project use.
import { isUp } from '../../project/observed.ts';
import { viewStats, type StatsFlags } from '../container/stats-view.ts';
import { selectContainers } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

/** `gantry stats [SERVICE…]`. */
export const stats: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('-a, --all', 'also those that do not run')
    .option('--format <format>', 'table, table TEMPLATE, json, or a Go template')
    .option('--no-stream', 'only once')
    .option('--no-trunc', 'whole ids')
    .action((services: string[], flags: StatsFlags) =>
      begin(async (context) => {
        await viewStats(context, flags, async () => {
          const { containers } = await selectContainers(context, services);
          const wanted = containers.filter((container) => flags.all === true || isUp(container));
          return wanted.map(({ id, name }) => ({ id, asked: name }));
        });
        return undefined;
      }),
    );
};
