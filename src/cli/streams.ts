// This process's streams connected with those of a container or a command in it: raw keys, window size, detach keys.
import type { Duplex } from 'node:stream';
import { GantryError, isGantryError } from '../base/error.ts';
import { demuxStream } from '../client/demux.ts';
import { detachScanner } from './detach-keys.ts';
import type { Io } from './io.ts';

/** What is connected. */
export interface Streams {
  readonly stream: Duplex;
  readonly tty: boolean;
  /** Whether this process's standard input goes there. */
  readonly stdin: boolean;
  /** Tells the other side the size of the window. */
  readonly resize: (size: { readonly h: number; readonly w: number }) => Promise<void>;
  /** Keys that end the connection and nothing else, for example `ctrl-p,ctrl-q`; only with a terminal. */
  readonly detachKeys?: string | undefined;
  /** Ends the connection; without it signals are not looked at. */
  readonly signal?: AbortSignal;
}

/** Copies until the other side ends or the detach keys are typed; tells which. Throws cli/interrupted. */
export async function connectStreams(io: Io, streams: Streams): Promise<'ended' | 'detached'> {
  const { stream, tty } = streams;
  const restore = tty ? rawMode(io, streams) : (): void => undefined;
  // the other side may end without having read all its input: that is its own affair
  stream.on('error', () => undefined);
  const state = { detached: false };
  const cut = (): void => void stream.destroy();
  streams.signal?.addEventListener('abort', cut);
  const unpipe = streams.stdin
    ? pipeInput(io, streams, () => {
        state.detached = true;
        setTimeout(cut, DETACH_MS).unref();
      })
    : (): void => undefined;
  try {
    if (tty) for await (const chunk of stream as AsyncIterable<Buffer>) io.stdout.write(chunk);
    else await demuxStream(stream, io.stdout, io.stderr);
  } catch (error) {
    if (streams.signal?.aborted === true) throw new GantryError('cli/interrupted', 'interrupted', { cause: error });
    if (!state.detached) throw error;
  } finally {
    streams.signal?.removeEventListener('abort', cut);
    unpipe();
    stream.destroy();
    restore();
  }
  return state.detached ? 'detached' : 'ended';
}

/** An engine that does not end the connection by then does not know the keys. */
const DETACH_MS = 2000;

function pipeInput(io: Io, { stream, tty, detachKeys }: Streams, detach: () => void): () => void {
  if (!tty || detachKeys === undefined) {
    io.stdin.pipe(stream);
    return () => {
      io.stdin.unpipe(stream);
      io.stdin.pause();
    };
  }
  const scan = detachScanner(detachKeys);
  const onData = (chunk: Buffer): void => {
    stream.write(chunk); // with the keys: the engine ends the connection at them, when all before has been passed on
    if (scan(chunk)) detach();
  };
  const onEnd = (): void => void stream.end();
  io.stdin.on('data', onData).once('end', onEnd);
  return () => {
    io.stdin.off('data', onData).off('end', onEnd);
    io.stdin.pause();
  };
}

/** Keys go through as they are; the terminal's size follows. Gives the way back. */
function rawMode(io: Io, streams: Streams): () => void {
  const resize = (): void => {
    const [h, w] = consoleSize(io) ?? [0, 0];
    if (h === 0) return;
    // what has just ended has no terminal any more, and what was left takes its connection along
    streams.resize({ h, w }).catch((error: unknown) => {
      if (!isGantryError(error)) throw error;
    });
  };
  if (streams.stdin) io.stdin.setRawMode?.(true);
  io.stdout.on('resize', resize);
  resize();
  return () => {
    if (streams.stdin) io.stdin.setRawMode?.(false);
    io.stdout.off('resize', resize);
  };
}

/** Rows and columns; undefined when stdout is no terminal, or one without a size. */
export function consoleSize(io: Io): readonly [number, number] | undefined {
  const { rows, columns } = io.stdout;
  return rows === undefined || columns === undefined || rows === 0 || columns === 0 ? undefined : [rows, columns];
}
