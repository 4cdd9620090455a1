// `attach`: this process's streams to those of a service's container.
import { runAttached } from '../container/attached-run.ts';
import { printSteps } from '../dry-run.ts';
import { isTerminal } from '../io.ts';
import { selectOne, type ReplicaFlags } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

interface AttachFlags extends ReplicaFlags {
  readonly detachKeys?: string;
  /** False with --no-stdin. */
  readonly stdin?: boolean;
  readonly sigProxy?: boolean;
}

/** `gantry attach`. */
export const attach: DefineVerb = (command, begin) => {
  command
    .argument('<service>')
    .option('--detach-keys <keys>', 'keys that detach, ctrl-p,ctrl-q unless given')
    .option('--index <n>', 'to this replica')
    .option('--no-stdin', 'without standard input')
    .option('--sig-proxy', 'hand signals on to it, --sig-proxy=false does not')
    .action((service: string, flags: AttachFlags) =>
      begin(async (context) => {
        const { id, name } = await selectOne(context, service, { ...flags, oneoffs: true });
        if (context.dryRun) {
          await printSteps(context, 'attach', [`attach ${name}`]);
          return 0;
        }
        const docker = await context.docker();
        const container = docker.getContainer(id);
        const { Config: config } = await container.inspect();
        const tty = config.Tty === true;
        const wantsInput = flags.stdin !== false && config.OpenStdin === true;
        return await runAttached(context, container, {
          attach: { stdin: wantsInput && (!tty || isTerminal(context.io.stdin)), stdout: true, stderr: true },
          tty,
          detachKeys: flags.detachKeys,
          sigProxy: flags.sigProxy !== false,
          autoRemove: false,
          start: false,
        });
      }),
    );
};
