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

/** Attaches to the container, or to an exec when its id is given. Throws runtime/shim-lost. */
export async function attach(dir: string, streams: AttachStreams, exec = ''): Promise<Attached> {
  const path = join(dir, exec === '' ? 'attach' : `x-${exec}`);
  const { socket: output, logOffset } = await open(path, { ...streams, stdin: false });
  if (!streams.stdin) return { output, logOffset, input: undefined };
  try {
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
  const { stdin, stdout, stderr } = ATTACH_FLAGS;
  out.writeUInt16LE((streams.stdin ? stdin : 0) | (streams.stdout ? stdout : 0) | (streams.stderr ? stderr : 0), 2);
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
