// `up`, and `create`, which is `up --no-start` with fewer flags.
import type { Command } from '../args/command.ts';
import { bringUp } from '../bring-up.ts';
import { collect } from '../flags.ts';
import type { UpFlags } from '../up-flags.ts';
import type { DefineVerb } from '../verb.ts';

/** `gantry up`. */
export const up: DefineVerb = (command, begin) => {
  containerFlags(command.argument('[services...]'))
    .option('-d, --detach', 'leave the containers running in the background')
    .option('--plan', 'print what would be done, and why, and do nothing')
    .option('--always-recreate-deps', 'make dependencies again, too')
    .option('-V, --renew-anon-volumes', 'give containers that are made again new anonymous volumes')
    .option('--no-start', 'create and start nothing')
    .option('--no-deps', 'leave dependencies alone')
    .option('-t, --timeout <seconds>', 'time to stop containers in')
    .option('--abort-on-container-exit', 'stop all when one container ends')
    .option('--abort-on-container-failure', 'stop all when one container fails')
    .option('--exit-code-from <service>', 'end with the exit code of this service')
    .option('--attach <service>', 'show only the output of this service, repeatable', collect)
    .option('--no-attach <service>', 'do not show the output of this service, repeatable', collect)
    .option('--attach-dependencies', 'show the output of dependencies, too')
    .option('--no-color', 'no colours')
    .option('--no-log-prefix', 'no names before lines')
    .option('--timestamps', 'times before lines')
    .option('--wait', 'wait until all are healthy or running; implies -d')
    .option('--wait-timeout <seconds>', 'give up waiting after this time')
    .option('-w, --watch', 'keep the containers up to date with the files, by develop.watch')
    .option('--menu', 'accepted, there is no menu')
    .action((services: string[], flags: UpFlags) => begin(async (context) => await bringUp(context, services, flags)));
};

/** `gantry create`. */
export const create: DefineVerb = (command, begin) => {
  containerFlags(command.argument('[services...]')).action((services: string[], flags: UpFlags) =>
    begin(async (context) => await bringUp(context, services, { ...flags, start: false })),
  );
};

/** Flags about images, and about which containers there are to be. */
function containerFlags(command: Command): Command {
  return command
    .option('--build', 'build images first, also those that are there')
    .option('--no-build', 'build nothing, also when an image is missing')
    .option('--quiet-build', 'say nothing of the steps of builds')
    .option('--pull <policy>', 'always, missing or never, whatever the services say')
    .option('--quiet-pull', 'pull without progress')
    .option('--force-recreate', 'make containers again even when nothing changed')
    .option('--no-recreate', 'keep containers even when their configuration changed')
    .option('--remove-orphans', 'remove containers of services that are no longer in the files')
    .option('--scale <service=n>', 'number of containers of a service, repeatable', collect)
    .option('-y, --yes', 'accepted, nothing is asked');
}
