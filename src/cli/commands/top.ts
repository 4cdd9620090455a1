// `top`: the processes of each running container.
import { isUp, type ObservedContainer } from '../../project/observed.ts';
import type { Context } from '../context.ts';
import { formatTable } from '../output/table.ts';
import { selectContainers } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

/** `gantry top`. */
export const top: DefineVerb = (command, begin) => {
  command.argument('[services...]').action((services: string[]) =>
    begin(async (context) => {
      const { containers } = await selectContainers(context, services);
      const texts = await Promise.all(
        containers.filter(isUp).map(async (container) => await processes(context, container)),
      );
      context.print(texts.join(''));
      return undefined;
    }),
  );
};

async function processes(context: Context, container: ObservedContainer): Promise<string> {
  const docker = await context.docker();
  const answer = await docker.getContainer(container.id).top({ abortSignal: context.interrupts.signal });
  // an empty last column, since docker compose fills up the last cell of rows here
  const rows = answer.Processes.map((row) => [...row, '']);
  return `${container.name}\n${formatTable(answer.Titles, rows, { least: 5 })}\n`;
}
