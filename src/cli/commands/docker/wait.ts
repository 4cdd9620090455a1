// `docker wait`: waits for the end of containers and prints their exit codes.
import { isGantryError } from '../../../base/error.ts';
import { failures } from '../../output/failures.ts';
import type { DefineVerb } from '../../verb.ts';

/** `gantry docker wait`. */
export const wait: DefineVerb = (command, begin) => {
  command.argument('<containers...>').action((names: string[]) =>
    begin(async (context) => {
      const docker = await context.docker();
      const abortSignal = context.interrupts.signal;
      const errors: unknown[] = [];
      for (const name of names) {
        try {
          context.print(`${(await docker.getContainer(name).wait({ abortSignal })).StatusCode}\n`);
        } catch (error) {
          if (!isGantryError(error) || abortSignal.aborted) throw error;
          errors.push(error);
        }
      }
      return failures(context, errors);
    }),
  );
};
