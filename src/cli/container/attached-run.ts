// Starts a container with this process attached to it: streams first, so that nothing it writes is lost, then the start.
import { GantryError, isGantryError, messageOf } from '../../base/error.ts';
import type { Container } from '../../client/container.ts';
import { isHttpError } from '../../client/errors.ts';
import type { Context } from '../context.ts';
import { connectStreams } from '../streams.ts';
import type { Attach } from './body.ts';

/** How to be attached. */
export interface AttachedRun {
  readonly attach: Attach;
  readonly tty: boolean;
  readonly detachKeys: string | undefined;
  readonly sigProxy: boolean;
  /** Waits until it is removed, too. */
  readonly autoRemove: boolean;
  /** Starts it; false when it runs already. */
  readonly start: boolean;
}

/** Runs it; gives the exit code of the container, 0 when the user has detached. */
export async function runAttached(context: Context, container: Container, run: AttachedRun): Promise<number> {
  const { stream } = await container.attach({
    ...run.attach,
    ...(run.detachKeys === undefined ? {} : { detachKeys: run.detachKeys }),
  });
  const condition = run.autoRemove ? 'removed' : run.start ? 'next-exit' : 'not-running';
  const waiting = new AbortController();
  const ended = container.wait({ condition, abortSignal: waiting.signal });
  ended.catch(() => undefined);
  const unforward = run.sigProxy && !run.tty ? forwardSignals(context, container) : (): void => undefined;
  try {
    if (run.start) await start(container, () => void stream.destroy(), run.autoRemove ? ended : undefined);
    const end = await connectStreams(context.io, {
      stream,
      tty: run.tty,
      stdin: run.attach.stdin,
      resize: async (size) => await container.resize(size),
      detachKeys: run.detachKeys ?? '',
    });
    if (end === 'detached') return 0;
    return (await ended).StatusCode;
  } finally {
    waiting.abort();
    unforward();
  }
}

/** A failed start has exit code 127, 126 or 125; one with --rm is removed before this says so. */
async function start(container: Container, close: () => void, removed: Promise<unknown> | undefined): Promise<void> {
  try {
    await container.start();
  } catch (error) {
    close();
    // gone already, or never to be: either way there is nothing more to wait for
    await removed?.catch(() => undefined);
    throw startError(error);
  }
}

/** The error of a failed start with the exit code that Docker gives it. */
export function startError(error: unknown): unknown {
  if (!isHttpError(error)) return error;
  const text = messageOf(error);
  const exitCode = /executable file not found|no such file or directory/.test(text)
    ? 127
    : /permission denied|is a directory/.test(text)
      ? 126
      : 125;
  return new GantryError(error.code, text, { cause: error, details: { ...error.details, exitCode } });
}

function forwardSignals(context: Context, container: Container): () => void {
  return context.interrupts.forward((signal) => {
    container.kill({ signal }).catch((error: unknown) => {
      // it has just ended
      if (!isGantryError(error)) throw error;
    });
  });
}
