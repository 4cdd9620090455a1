// One attached command: this process's streams to its streams, terminal size included, until it ends.
import type { CreateExecBody } from '../api/containers.ts';
import type { Context } from './context.ts';
import { connectStreams, consoleSize } from './streams.ts';

/** What to run and where. */
export interface ExecRun {
  /** Container id. */
  readonly container: string;
  readonly detach: boolean;
  readonly body: CreateExecBody;
}

/** Runs it; gives its exit code, 0 when detached. */
export async function runExec(context: Context, run: ExecRun): Promise<number> {
  const docker = await context.docker();
  const tty = run.body.Tty === true;
  const size = tty ? consoleSize(context.io) : undefined;
  const exec = await docker
    .getContainer(run.container)
    .exec({ ...run.body, ...(size === undefined ? {} : { ConsoleSize: size }) });
  if (run.detach) {
    await exec.startDetached();
    return 0;
  }
  const { stream } = await exec.start({ Tty: tty, ...(size === undefined ? {} : { ConsoleSize: size }) });
  const end = await connectStreams(context.io, {
    stream,
    tty,
    stdin: run.body.AttachStdin === true,
    resize: async (to) => await exec.resize(to),
    detachKeys: run.body.DetachKeys ?? undefined,
    signal: context.interrupts.signal,
  });
  if (end === 'detached') return 0;
  const { ExitCode } = await exec.inspect();
  return ExitCode ?? 0;
}
