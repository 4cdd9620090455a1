// `docker start`: starts containers, or one and is attached to it.
import { GantryError, isGantryError } from '../../../base/error.ts';
import { isHttpError } from '../../../client/errors.ts';
import { runAttached } from '../../container/attached-run.ts';
import type { Context } from '../../context.ts';
import { isTerminal } from '../../io.ts';
import { failures } from '../../output/failures.ts';
import type { DefineVerb } from '../../verb.ts';

interface StartFlags {
  readonly attach?: boolean;
  readonly interactive?: boolean;
  readonly detachKeys?: string;
  readonly sigProxy?: boolean;
}

/** `gantry docker start`. */
export const start: DefineVerb = (command, begin) => {
  command
    .argument('<containers...>')
    .option('-a, --attach', 'show what it writes and hand signals on to it')
    .option('-i, --interactive', 'attach standard input')
    .option('--detach-keys <keys>', 'keys that detach, ctrl-p,ctrl-q unless given')
    .option('--sig-proxy', 'hand signals on to it, --sig-proxy=false does not')
    .action((names: string[], flags: StartFlags) =>
      begin(async (context) => {
        const isAttached = flags.attach === true || flags.interactive === true;
        return isAttached ? await startAttached(context, names, flags) : await startAll(context, names);
      }),
    );
};

async function startAll(context: Context, names: readonly string[]): Promise<number> {
  const docker = await context.docker();
  const failed: string[] = [];
  for (const name of names) {
    try {
      await docker.getContainer(name).start();
    } catch (error) {
      if (!isGantryError(error)) throw error;
      if (!isHttpError(error, 304)) {
        failures(context, [error]);
        failed.push(name);
        continue;
      }
    }
    context.print(`${name}\n`);
  }
  if (failed.length === 0) return 0;
  throw new GantryError('client/http', `Error: failed to start containers: ${failed.join(', ')}`);
}

async function startAttached(context: Context, names: readonly string[], flags: StartFlags): Promise<number> {
  const [name, ...more] = names;
  if (name === undefined || more.length > 0)
    throw new GantryError('usage/invalid-flag', 'you cannot start and attach multiple containers at once');
  const docker = await context.docker();
  const found = await docker.getContainer(name).inspect();
  const tty = found.Config.Tty === true;
  const stdin = flags.interactive === true && found.Config.OpenStdin === true;
  if (tty && stdin && !isTerminal(context.io.stdin))
    throw new GantryError('usage/invalid-flag', 'the input device is not a TTY');
  return await runAttached(context, docker.getContainer(found.Id), {
    attach: { stdin, stdout: true, stderr: true },
    tty,
    detachKeys: flags.detachKeys,
    sigProxy: flags.sigProxy !== false,
    autoRemove: found.HostConfig.AutoRemove === true,
    start: !found.State.Running,
  });
}
