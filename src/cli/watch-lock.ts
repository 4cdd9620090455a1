// One watch a project: a name in the kernel's own namespace of sockets, which goes with the process that holds it.
import { createHash } from 'node:crypto';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { GantryError } from '../base/error.ts';

/** Takes the lock. Throws usage/invalid-flag when another watch of this project has it. */
export async function lockWatch(engine: string, project: string): Promise<AsyncDisposable> {
  const key = createHash('sha256')
    .update(`${process.getuid?.() ?? 0} ${engine} ${project}`)
    .digest('hex');
  const server = createServer((socket) => socket.destroy());
  server.listen(`\0gantry-watch-${key.slice(0, 32)}`);
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new GantryError('usage/invalid-flag', `cannot take exclusive lock for project "${project}"`, {
      cause,
      hint: 'another gantry watch of this project is running: end it first',
    });
  }
  server.unref();
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}
