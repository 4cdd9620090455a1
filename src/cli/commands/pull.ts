// `pull`: there is no registry support yet, and this says so.
import { GantryError } from '../../base/error.ts';
import type { DefineVerb } from '../verb.ts';

/** `gantry pull`. */
export const pull: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .allowUnknownOption()
    .action(() =>
      begin(async () => {
        await Promise.resolve();
        throw new GantryError('usage/unknown-command', 'images cannot be pulled from registries yet', {
          hint: 'gantry image import FILE.tar NAME:TAG makes an image of a tar',
        });
      }),
    );
};
