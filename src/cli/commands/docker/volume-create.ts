// `docker volume create`.
import { GantryError } from '../../../base/error.ts';
import { collect } from '../../flags.ts';
import type { DefineVerb } from '../../verb.ts';
import { pairsOf } from './filters.ts';

interface Flags {
  readonly name?: string;
  readonly driver?: string;
  readonly label?: readonly string[];
  readonly opt?: readonly string[];
}

/** `docker volume create [NAME]`; without a name the engine makes one. */
export const volumeCreate: DefineVerb = (command, begin) => {
  command
    .argument('[volume]')
    .option('-d, --driver <driver>', 'volume driver', 'local')
    .option('--label <label>', 'KEY=VALUE, repeatable', collect)
    .option('-o, --opt <option>', 'KEY=VALUE for the driver, repeatable', collect)
    .option('--name <name>', 'the name, written as a flag')
    .action((given: string | undefined, flags: Flags) =>
      begin(async (context) => {
        if (given !== undefined && flags.name !== undefined)
          throw new GantryError(
            'usage/invalid-flag',
            'conflicting options: either specify --name or provide positional arg, not both',
          );
        const docker = await context.docker();
        const { name } = await docker.createVolume({
          Name: given ?? flags.name ?? '',
          Driver: flags.driver ?? 'local',
          DriverOpts: pairsOf(flags.opt),
          Labels: pairsOf(flags.label),
          abortSignal: context.interrupts.signal,
        });
        context.print(`${name}\n`);
        return undefined;
      }),
    );
};
