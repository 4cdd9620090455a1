// Verbs of docker compose that gantry does not have: said in so many words, since "unknown command" would look like a typo.
import { GantryError } from '../../base/error.ts';
import type { DefineVerb } from '../verb.ts';

/** A verb that says why it is not there, whatever its arguments are. */
export const refused =
  (why: string, hint: string): DefineVerb =>
  (command, begin) => {
    command
      .argument('[words...]')
      .allowUnknownOption()
      .action(() =>
        begin(
          async () =>
            await Promise.reject(new GantryError('usage/unknown-command', `${command.name}: ${why}`, { hint })),
        ),
      );
  };
