// Runs a command in a container and hands on what it writes.
import type { CreateExecBody } from '../api/containers.ts';
import type { Docker } from '../client/docker.ts';
import { createDemuxer } from '../client/demux.ts';

/** A command to run. */
export interface ContainerRun {
  readonly body: CreateExecBody;
  readonly output: (stream: 'stdout' | 'stderr', bytes: Buffer) => void;
  readonly signal: AbortSignal;
}

/** Gives the exit code, after all output. */
export async function runInContainer(docker: Docker, id: string, run: ContainerRun): Promise<number> {
  const abortSignal = run.signal;
  const body = { ...run.body, AttachStdout: true, AttachStderr: true };
  const exec = await docker.getContainer(id).exec({ ...body, abortSignal });
  const { stream } = await exec.start({ Detach: false, Tty: false, abortSignal });
  const feed = createDemuxer((number, payload) => run.output(number === 2 ? 'stderr' : 'stdout', payload));
  const stop = (): void => void stream.destroy();
  run.signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) feed(chunk);
  } finally {
    run.signal.removeEventListener('abort', stop);
  }
  return (await exec.inspect({ abortSignal })).ExitCode ?? 0;
}
