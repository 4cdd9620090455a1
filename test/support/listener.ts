// A program that listens in a namespace, as any other program on a host would.
import { once } from 'node:events';
import { startProcess } from '../../src/base/process.ts';
import type { Netns } from './netns.ts';

const PROGRAM = `
const [address, port] = process.argv.slice(1);
require('node:net').createServer((socket) => socket.end('secret')).listen(Number(port), address, () => console.log('listens'));
`;

/** Listens until disposed; whoever connects reads `secret`. Resolves when it listens. */
export async function listenIn(netns: Netns, address: string, port: number): Promise<AsyncDisposable> {
  const args = netns.enter(process.execPath, ['-e', PROGRAM, address, String(port)]);
  const child = startProcess('nsenter', [...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout === null) throw new Error('no pipe to the listener');
  await once(child.stdout, 'data');
  return {
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    },
  };
}
