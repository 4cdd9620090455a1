// Attach connections to a shim: stdio of a container or of an exec, as Docker frames (raw with a tty). Output and input
// go by connections of their own: writing to a process that has just ended breaks a connection, and in one that is
// broken Node drops what was not read yet, which would be the process's last words.
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { GantryError } from '../../base/error.ts';
import { ATTACH_FLAGS } from './records.ts';
import { connectSocket } from './shim-client.ts';

/** Which streams a client wants. */
export interface AttachStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  /** Begin with what was written before and stands in no log yet, since its line has no end. */
  readonly unfinished?: boolean;
}

/** Open connections. */
export interface Attached {
  /** Output after byte `logOffset` of the log. */
  readonly output: Socket;
  readonly logOffset: bigint;
  /** What is written is stdin; undefined when it was not asked for. */
  readonly input: Socket | undefined;
}

const ANSWER_BYTES = 8;

/** How to attach. */
export interface AttachOptions {
  /** The id of an exec; "" = the container. */
  readonly exec?: string;
  /** Whether this attach counts, asked before stdin is taken: a client that takes stdin and leaves may end it. */
  readonly isRight?: () => Promise<boolean>;
}

/** Attaches; again until it is right. Throws runtime/shim-lost. */
export async function attach(dir: string, streams: AttachStreams, options: AttachOptions = {}): Promise<Attached> {
  const { exec = '', isRight = async () => Promise.resolve(true) } = options;
  const path = join(dir, exec === '' ? 'attach' : `x-${exec}`);
  const { socket: output, logOffset } = await open(path, { ...streams, stdin: false });
  try {
    if (!(await isRight())) {
      output.destroy();
      return await attach(dir, streams, options);
    }
    if (!streams.stdin) return { output, logOffset, input: undefined };
    const { socket: input } = await open(path, { stdin: true, stdout: false, stderr: false });
    return { output, logOffset, input };
  } catch (error) {
    output.destroy();
    throw error;
  }
}

async function open(path: string, streams: AttachStreams): Promise<{ socket: Socket; logOffset: bigint }> {
  const socket = await connectSocket(path);
  socket.write(header(streams));
  return { socket, logOffset: (await readExactly(socket, ANSWER_BYTES)).readBigUInt64LE() };
}

function header(streams: AttachStreams): Buffer {
  const out = Buffer.alloc(8);
  out.write('GA', 'latin1');
  const wanted = (['stdin', 'stdout', 'stderr', 'unfinished'] as const).filter((name) => streams[name] === true);
  out.writeUInt16LE(
    wanted.reduce((flags, name) => flags | ATTACH_FLAGS[name], 0),
    2,
  );
  return out;
}

/** The first bytes of a paused stream; the rest stays in it. */
async function readExactly(socket: Socket, size: number): Promise<Buffer> {
  for (;;) {
    const chunk = socket.read(size) as Buffer | null;
    if (chunk !== null && chunk.length === size) return chunk;
    if (chunk !== null || socket.readableEnded || socket.destroyed) {
      socket.destroy();
      throw new GantryError('runtime/shim-lost', 'the shim ended before it answered');
    }
    await new Promise<void>((resolve) => {
      const done = (): void => {
        for (const event of ['readable', 'end', 'close', 'error']) socket.off(event, done);
        resolve();
      };
      for (const event of ['readable', 'end', 'close', 'error']) socket.once(event, done);
    });
  }
}
