// `docker exec`: runs a command in a running container.
import { GantryError } from '../../../base/error.ts';
import { variablesOf } from '../../container/env.ts';
import type { Context } from '../../context.ts';
import { runExec } from '../../exec-session.ts';
import { collect } from '../../flags.ts';
import { isTerminal } from '../../io.ts';
import type { DefineVerb } from '../../verb.ts';

interface ExecFlags {
  readonly detach?: boolean;
  readonly detachKeys?: string;
  readonly env?: readonly string[];
  readonly envFile?: readonly string[];
  readonly interactive?: boolean;
  readonly privileged?: boolean;
  readonly tty?: boolean;
  readonly user?: string;
  readonly workdir?: string;
}

interface ExecRequest {
  readonly name: string;
  readonly words: readonly string[];
  readonly flags: ExecFlags;
}

/** `gantry docker exec`. */
export const exec: DefineVerb = (command, begin) => {
  command
    .argument('<container>')
    .argument('<command...>')
    .passThroughOptions()
    .option('-d, --detach', 'run it in the background')
    .option('--detach-keys <keys>', 'keys that detach, ctrl-p,ctrl-q unless given')
    .option('-e, --env <name=value>', 'set a variable, repeatable', collect)
    .option('--env-file <path>', 'a file of variables, repeatable', collect)
    .option('-i, --interactive', 'pass standard input on')
    .option('--privileged', 'with all privileges')
    .option('-t, --tty', 'with a terminal')
    .option('-u, --user <user[:group]>', 'run it as this user')
    .option('-w, --workdir <path>', 'run it in this folder')
    .action((name: string, words: string[], flags: ExecFlags) =>
      begin(async (context) => await execIn(context, { name, words, flags })),
    );
};

async function execIn(context: Context, { name, words, flags }: ExecRequest): Promise<number> {
  const { detach = false, tty = false, interactive = false, detachKeys } = flags;
  if (tty && interactive && !detach && !isTerminal(context.io.stdin))
    throw new GantryError('usage/invalid-flag', 'the input device is not a TTY');
  const docker = await context.docker();
  const { Id } = await docker.getContainer(name).inspect();
  return await runExec(context, {
    container: Id,
    detach,
    body: {
      AttachStdin: interactive && !detach,
      AttachStdout: !detach,
      AttachStderr: !detach,
      Tty: tty,
      Cmd: words,
      Env: await variablesOf(flags.env ?? [], flags.envFile ?? [], context.env),
      User: flags.user ?? '',
      WorkingDir: flags.workdir ?? '',
      Privileged: flags.privileged ?? false,
      ...(detachKeys === undefined ? {} : { DetachKeys: detachKeys }),
    },
  });
}
