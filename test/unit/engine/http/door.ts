// A front door on a socket of its own with handlers of the test, and a raw client that sees every byte.
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createLogger } from '../../../../src/base/log.ts';
import { createFrontDoor, type FrontDoor } from '../../../../src/engine/http/front-door.ts';
import type { Handlers } from '../../../../src/engine/http/types.ts';

/** A listening door. */
export interface TestDoor extends AsyncDisposable {
  readonly socket: string;
  readonly door: FrontDoor;
  /** Lines of the log, parsed. */
  readonly log: readonly Readonly<Record<string, unknown>>[];
  /** Sends the parts as separate packets, then reads until the connection ends. */
  exchange(...parts: readonly (string | Buffer)[]): Promise<string>;
  open(): Promise<Socket>;
}

/** Opens a door with these handlers. */
export async function openDoor(handlers: Handlers): Promise<TestDoor> {
  const folder = await mkdtemp(join(tmpdir(), 'door-'));
  const socket = join(folder, 's');
  const end = new AbortController();
  const lines: Readonly<Record<string, unknown>>[] = [];
  const door = createFrontDoor({ handlers, log: createLogger(collect(lines), 'debug'), signal: end.signal });
  await new Promise<void>((resolve) => door.server.listen(socket, resolve));
  return {
    socket,
    door,
    log: lines,
    exchange: async (...parts) => exchange(await opened(socket), parts),
    open: async () => opened(socket),
    async [Symbol.asyncDispose]() {
      end.abort();
      door.disconnect();
      door.server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function collect(lines: Readonly<Record<string, unknown>>[]): Writable {
  return new Writable({
    write(line: Buffer, _encoding, done) {
      lines.push(JSON.parse(line.toString()) as Readonly<Record<string, unknown>>);
      done();
    },
  });
}

async function opened(path: string): Promise<Socket> {
  const client = connect({ path, allowHalfOpen: true });
  await new Promise<void>((resolve, reject) => client.once('connect', resolve).once('error', reject));
  return client;
}

async function exchange(client: Socket, parts: readonly (string | Buffer)[]): Promise<string> {
  const answer = readAll(client);
  for (const part of parts) {
    client.write(part);
    await new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));
  }
  const text = await answer;
  client.end();
  return text;
}

/** Everything until the other side ends, or breaks the connection. */
export async function readAll(client: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of client as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch {
    // what came before the break is the answer
  }
  return Buffer.concat(chunks).toString('latin1');
}
