// Joins a client's connection with a shim's: output as it comes, input until the client ends it or types the detach keys.
import type { Socket } from 'node:net';
import { Transform } from 'node:stream';
import type { Attached } from '../shim/attach-client.ts';
import { detachScanner, parseDetachKeys } from './detach-keys.ts';

/** How the two are joined. */
export interface StdioOptions {
  readonly stdin: boolean;
  /** With a terminal: the keys that end the attach. */
  readonly detachKeys: string | undefined;
  /** The container's stdin ends with the client's. */
  readonly closeStdin: boolean;
}

/**
 * Resolves when the output has ended and was given on, or the client has left. Closes both. The client's connection
 * closes only after `before`, so that what it asks next (an exec's exit code) is known by then.
 */
export async function connectStdio(
  client: Socket,
  shim: Attached,
  options: StdioOptions,
  before: Promise<void> = Promise.resolve(),
): Promise<'ended' | 'detached'> {
  const { output } = shim;
  const { promise, resolve } = Promise.withResolvers<'ended' | 'detached'>();
  client.setNoDelay(true);
  output.pipe(client, { end: false });
  output.once('close', () => resolve('ended'));
  output.once('end', () => resolve('ended'));
  client.once('close', () => resolve('ended'));
  // one that has gone already says so no more
  if (client.destroyed || output.destroyed) resolve('ended');
  for (const socket of [client, output]) socket.on('error', () => socket.destroy());
  const endInput = forwardInput(client, shim.input, { ...options, detached: () => resolve('detached') });
  const end = await promise;
  if (end === 'ended' && !client.destroyed) await before;
  output.unpipe(client);
  client.end();
  output.destroy();
  endInput();
  return end;
}

/** Gives what ends the input once the client has left: all it sent before is still written. */
function forwardInput(
  client: Socket,
  input: Socket | undefined,
  options: StdioOptions & { detached: () => void },
): () => void {
  if (!options.stdin || input === undefined) {
    client.resume(); // what it sends goes nowhere, but its leaving has to be seen
    return () => input?.destroy();
  }
  // an empty input may have ended while the process was being prepared, and says so only once
  if (client.readableEnded) {
    input.end();
    return () => input.destroySoon();
  }
  const scanner = options.detachKeys === undefined ? undefined : detaching(options.detachKeys, options.detached);
  const source = scanner === undefined ? client : client.pipe(scanner);
  source.pipe(input, { end: false });
  // a half-closed connection tells the shim; whether the container sees an end of input is the shim's to know
  source.once('end', () => input.end());
  // the process takes no more: the rest is read and dropped
  input.on('error', () => input.destroy());
  input.once('close', () => source.resume());
  return () => {
    if (scanner === undefined || scanner.readableEnded) {
      input.destroySoon();
      return;
    }
    client.unpipe(scanner).resume();
    scanner.once('end', () => input.destroySoon()).end();
  };
}

function detaching(keys: string, detached: () => void): Transform {
  const scan = detachScanner(parseDetachKeys(keys));
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const { output, isDetached } = scan(chunk);
      done(null, output);
      if (isDetached) setImmediate(detached);
    },
  });
}
