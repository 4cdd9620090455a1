// `docker run`: creates a container, starts it and is attached to it until it ends, or leaves it in the background.
import { GantryError } from '../../../base/error.ts';
import type { Attach } from '../../container/body.ts';
import { createBody } from '../../container/body.ts';
import { createFrom } from '../../container/create.ts';
import { defineContainerFlags, hasFlag, listFlag, textFlag, type ContainerFlags } from '../../container/flags.ts';
import { runAttached, startError } from '../../container/attached-run.ts';
import type { Context } from '../../context.ts';
import { isTerminal } from '../../io.ts';
import type { DefineVerb } from '../../verb.ts';

/** `gantry docker run`. */
export const run: DefineVerb = (command, begin) => {
  defineContainerFlags(command);
  command
    .argument('<image>')
    .argument('[command...]')
    .passThroughOptions()
    .option('-d, --detach', 'leave it in the background and print its id')
    .option('--detach-keys <keys>', 'keys that detach, ctrl-p,ctrl-q unless given')
    .option('--sig-proxy', 'hand signals on to it, --sig-proxy=false does not')
    .action((image: string, words: string[], flags: ContainerFlags) =>
      begin(async (context) => await failWith125(async () => await runContainer(context, { image, words, flags }))),
    );
};

/** `gantry docker create`. */
export const create: DefineVerb = (command, begin) => {
  defineContainerFlags(command);
  command
    .argument('<image>')
    .argument('[command...]')
    .passThroughOptions()
    .action((image: string, words: string[], flags: ContainerFlags) =>
      begin(async (context) => {
        const given = attachOf(flags);
        const attach = listFlag(flags, 'attach').length > 0 ? given : { ...given, stdout: true, stderr: true };
        const body = await createBody({ image, command: words, flags, attach, env: context.env, cwd: context.cwd });
        context.print(`${await createFrom(context, body, flags)}\n`);
        return 0;
      }),
    );
};

interface RunRequest {
  readonly image: string;
  readonly words: readonly string[];
  readonly flags: ContainerFlags;
}

async function runContainer(context: Context, { image, words, flags }: RunRequest): Promise<number> {
  const detach = hasFlag(flags, 'detach');
  const attach = attachOf(flags);
  const tty = hasFlag(flags, 'tty');
  if (detach && listFlag(flags, 'attach').length > 0)
    throw new GantryError('usage/invalid-flag', 'conflicting options: cannot specify both --attach and --detach');
  if (tty && attach.stdin && !detach && !isTerminal(context.io.stdin))
    throw new GantryError('usage/invalid-flag', 'the input device is not a TTY', { details: { exitCode: 1 } });
  const shown = detach ? { stdin: false, stdout: false, stderr: false } : attach;
  const body = await createBody({ image, command: words, flags, attach: shown, env: context.env, cwd: context.cwd });
  const id = await createFrom(context, body, flags);
  const docker = await context.docker();
  const container = docker.getContainer(id);
  if (detach) {
    // before the start, as Docker does: also of one that cannot start the id is known
    context.print(`${id}\n`);
    await container.start().catch((error: unknown) => {
      throw startError(error);
    });
    return 0;
  }
  return await runAttached(context, container, {
    attach: shown,
    tty,
    detachKeys: textFlag(flags, 'detachKeys'),
    sigProxy: flags['sigProxy'] !== false,
    autoRemove: hasFlag(flags, 'rm'),
    start: true,
  });
}

/** Streams of --attach; without it all output, and input with -i. */
function attachOf(flags: ContainerFlags): Attach {
  const given = listFlag(flags, 'attach').map((name) => name.toLowerCase());
  const wrong = given.find((name) => !['stdin', 'stdout', 'stderr'].includes(name));
  if (wrong !== undefined)
    throw new GantryError(
      'usage/invalid-flag',
      `invalid argument "${wrong}" for "-a, --attach" flag: valid streams are STDIN, STDOUT and STDERR`,
    );
  if (given.length === 0) return { stdin: hasFlag(flags, 'interactive'), stdout: true, stderr: true };
  return { stdin: given.includes('stdin'), stdout: given.includes('stdout'), stderr: given.includes('stderr') };
}

/** What goes wrong before the container's own program runs has exit code 125, so that nobody takes it for the program's. */
async function failWith125(work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof GantryError) || error.details['exitCode'] !== undefined || error.code === 'base/aborted')
      throw error;
    const { hint } = error;
    const details = { ...error.details, exitCode: 125 };
    throw new GantryError(error.code, error.message, {
      details,
      cause: error,
      ...(hint === undefined ? {} : { hint }),
    });
  }
}
