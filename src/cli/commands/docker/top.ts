// `docker top`: the processes of a container.
import { alignTabs } from '../../output/format.ts';
import type { DefineVerb } from '../../verb.ts';

/** `gantry docker top`. */
export const top: DefineVerb = (command, begin) => {
  command
    .argument('<container>')
    .argument('[options...]')
    .passThroughOptions()
    .action((name: string, words: string[]) =>
      begin(async (context) => {
        const docker = await context.docker();
        const args = words.length === 0 ? undefined : words.join(' ');
        const { Titles: titles, Processes: rows } = await docker.getContainer(name).top({ ps_args: args });
        context.print(alignTabs([titles.join('\t'), ...rows.map((row) => row.join('\t'))], 20));
        return 0;
      }),
    );
};
