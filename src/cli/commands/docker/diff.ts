// `docker diff`: what a container changed in its image.
import type { DefineVerb } from '../../verb.ts';

const LETTERS = ['C', 'A', 'D'] as const;

/** `docker diff CONTAINER`. */
export const diff: DefineVerb = (command, begin) => {
  command.argument('<container>').action((name: string) =>
    begin(async (context) => {
      const docker = await context.docker();
      const changes = await docker.getContainer(name).changes({ abortSignal: context.interrupts.signal });
      context.print(changes.map(({ Kind, Path }) => `${LETTERS[Kind]} ${Path}\n`).join(''));
      return undefined;
    }),
  );
};
