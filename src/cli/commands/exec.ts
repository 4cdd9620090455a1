// `exec`: runs a command in a running container, with or without a terminal, and ends with its exit code.
import type { CreateExecBody } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import { selectOne, type ReplicaFlags } from '../select.ts';
import { runExec } from '../exec-session.ts';
import type { Context } from '../context.ts';
import { printSteps } from '../dry-run.ts';
import { collect } from '../flags.ts';
import { isTerminal } from '../io.ts';
import type { DefineVerb } from '../verb.ts';

interface ExecFlags extends ReplicaFlags {
  readonly detach?: boolean;
  readonly env?: readonly string[];
  readonly user?: string;
  readonly workdir?: string;
  readonly privileged?: boolean;
  /** False with -T. */
  readonly tty?: boolean;
  readonly noTTY?: boolean;
}

/** `gantry exec`. */
export const exec: DefineVerb = (command, begin) => {
  command
    .argument('<service>')
    .argument('<command...>')
    .passThroughOptions()
    .option('-d, --detach', 'run it in the background')
    .option('-e, --env <name=value>', 'set a variable, repeatable', collect)
    .option('-u, --user <user>', 'run it as this user')
    .option('-w, --workdir <dir>', 'run it in this folder')
    .option('-T, --no-TTY', 'no terminal')
    .option('-i, --interactive', 'accepted, standard input is always passed on')
    .option('-t, --tty', 'accepted, there is a terminal where there is one')
    .option('--index <n>', 'in this replica')
    .option('--privileged', 'with all capabilities')
    .action((service: string, words: string[], flags: ExecFlags & { TTY?: boolean }) =>
      begin(async (context) => await run(context, { service, words, flags: { ...flags, tty: flags.TTY !== false } })),
    );
};

interface ExecRequest {
  readonly service: string;
  readonly words: readonly string[];
  readonly flags: ExecFlags;
}

async function run(context: Context, { service, words, flags }: ExecRequest): Promise<number> {
  const container = await selectOne(context, service, { ...flags, oneoffs: true });
  for (const pair of flags.env ?? []) {
    if (pair === '' || pair.startsWith('='))
      throw new GantryError('usage/invalid-flag', `--env ${pair}: give NAME=VALUE`);
  }
  if (context.dryRun) {
    await printSteps(context, 'exec', [`exec ${container.name}: ${words.join(' ')}`]);
    return 0;
  }
  const { detach = false } = flags;
  return await runExec(context, { container: container.id, detach, body: execBody(context, words, flags) });
}

function execBody(context: Context, words: readonly string[], flags: ExecFlags): CreateExecBody {
  const attached = flags.detach !== true;
  const isInteractive = isTerminal(context.io.stdin) && isTerminal(context.io.stdout);
  return {
    AttachStdin: attached,
    AttachStdout: attached,
    AttachStderr: attached,
    Tty: flags.tty !== false && attached && isInteractive,
    Cmd: words,
    Env: flags.env?.map((pair) => withValue(pair, context)) ?? null,
    User: flags.user ?? '',
    WorkingDir: flags.workdir ?? '',
    Privileged: flags.privileged ?? false,
  };
}

/** `-e NAME` passes the variable on. */
function withValue(pair: string, context: Context): string {
  return pair.includes('=') ? pair : `${pair}=${context.env[pair] ?? ''}`;
}
