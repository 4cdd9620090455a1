// `docker attach`: this process's streams to those of a running container.
import { GantryError } from '../../../base/error.ts';
import { runAttached } from '../../container/attached-run.ts';
import { isTerminal } from '../../io.ts';
import type { DefineVerb } from '../../verb.ts';

interface AttachFlags {
  /** False with --no-stdin. */
  readonly stdin?: boolean;
  readonly sigProxy?: boolean;
  readonly detachKeys?: string;
}

/** `gantry docker attach`. */
export const attach: DefineVerb = (command, begin) => {
  command
    .argument('<container>')
    .option('--detach-keys <keys>', 'keys that detach, ctrl-p,ctrl-q unless given')
    .option('--no-stdin', 'without standard input')
    .option('--sig-proxy', 'hand signals on to it, --sig-proxy=false does not')
    .action((name: string, flags: AttachFlags) =>
      begin(async (context) => {
        const docker = await context.docker();
        const found = await docker.getContainer(name).inspect();
        checkState(found.State);
        const tty = found.Config.Tty === true;
        const stdin = flags.stdin !== false && found.Config.OpenStdin === true;
        if (tty && stdin && !isTerminal(context.io.stdin))
          throw new GantryError('usage/invalid-flag', 'the input device is not a TTY');
        return await runAttached(context, docker.getContainer(found.Id), {
          attach: { stdin, stdout: true, stderr: true },
          tty,
          detachKeys: flags.detachKeys,
          sigProxy: flags.sigProxy !== false,
          autoRemove: false,
          start: false,
        });
      }),
    );
};

function checkState(state: {
  readonly Running: boolean;
  readonly Paused: boolean;
  readonly Restarting: boolean;
}): void {
  const problem = !state.Running
    ? 'cannot attach to a stopped container, start it first'
    : state.Paused
      ? 'cannot attach to a paused container, unpause it first'
      : state.Restarting
        ? 'cannot attach to a restarting container, wait until it is running'
        : undefined;
  if (problem !== undefined) throw new GantryError('usage/invalid-flag', `You ${problem}`);
}
