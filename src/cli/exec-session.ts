// One attached command: this process's streams to its streams, terminal size included, until it ends.
import type { CreateExecBody } from '../api/containers.ts';
import { demuxStream } from '../client/demux.ts';
import type { Exec } from '../client/exec.ts';
import type { Hijacked } from '../client/hijack.ts';
import { isHttpError } from '../client/errors.ts';
import type { Context } from './context.ts';
import type { Io } from './io.ts';

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
  const hijacked = await exec.start({ Tty: tty, ...(size === undefined ? {} : { ConsoleSize: size }) });
  await pipe(context.io, { hijacked, exec, tty });
  const { ExitCode } = await exec.inspect();
  return ExitCode ?? 0;
}

interface Pipes {
  readonly hijacked: Hijacked;
  readonly exec: Exec;
  readonly tty: boolean;
}

async function pipe(io: Io, { hijacked, exec, tty }: Pipes): Promise<void> {
  const { stream } = hijacked;
  const restore = tty ? rawMode(io, exec) : (): void => undefined;
  // the command may end without having read all its input: that is its own affair
  stream.on('error', () => undefined);
  io.stdin.pipe(stream);
  try {
    if (tty) for await (const chunk of stream as AsyncIterable<Buffer>) io.stdout.write(chunk);
    else await demuxStream(stream, io.stdout, io.stderr);
  } finally {
    io.stdin.unpipe(stream);
    io.stdin.pause();
    stream.destroy();
    restore();
  }
}

/** Keys go through as they are; the terminal's size follows. Gives the way back. */
function rawMode(io: Io, exec: Exec): () => void {
  const resize = (): void => {
    const [h, w] = consoleSize(io) ?? [0, 0];
    if (h === 0) return;
    // a command that has just ended has no terminal any more
    exec.resize({ h, w }).catch((error: unknown) => {
      if (!isHttpError(error)) throw error;
    });
  };
  io.stdin.setRawMode?.(true);
  io.stdout.on('resize', resize);
  resize();
  return () => {
    io.stdin.setRawMode?.(false);
    io.stdout.off('resize', resize);
  };
}

/** Rows and columns; undefined when stdout is no terminal, or one without a size. */
function consoleSize(io: Io): readonly [number, number] | undefined {
  const { rows, columns } = io.stdout;
  return rows === undefined || columns === undefined || rows === 0 || columns === 0 ? undefined : [rows, columns];
}
