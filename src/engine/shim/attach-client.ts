// One attach connection to a shim: stdio of a container or of an exec, as Docker frames (raw with a tty).
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

/** An open connection. What is read from `socket` is output after byte `logOffset` of the log; what is written is stdin. */
export interface Attached {
  readonly socket: Socket;
  readonly logOffset: bigint;
}

const ANSWER_BYTES = 8;

/** Attaches to the container, or to an exec when its id is given. Throws runtime/shim-lost. */
export async function attach(dir: string, streams: AttachStreams, exec = ''): Promise<Attached> {
  const socket = await connectSocket(join(dir, exec === '' ? 'attach' : `x-${exec}`));
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
