import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isOlder, probeEngine } from '../../../src/cli/engine-probe.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-probe-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Probes something that treats each connection in its own way. */
async function probeOf(serve: (socket: Socket) => void, patience?: number): ReturnType<typeof probeEngine> {
  const path = join(folder, 'socket');
  const server = createServer(serve).listen(path);
  await once(server, 'listening');
  try {
    return await probeEngine(path, 'GET /_ping', patience);
  } finally {
    server.close();
  }
}

describe('a probe of an engine', () => {
  it.each([
    'HTTP/1.1 200 OK\r\nServer: Docker/1.22.3 (linux)\r\n\r\nOK',
    'HTTP/1.1 500 x\r\nserver: docker/1.22.3\r\n\r\n',
  ])('reads the version of %j', async (answer) => {
    expect(await probeOf((socket) => socket.end(answer))).toEqual({ state: 'answers', version: '1.22.3' });
  });

  it('reads a head that comes in pieces', async () => {
    const probe = await probeOf((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nServer: Doc', () => setImmediate(() => socket.end('ker/0.1.0\r\n\r\n')));
    });
    expect(probe).toEqual({ state: 'answers', version: '0.1.0' });
  });

  it('takes what does not tell its version for the oldest', async () => {
    expect(await probeOf((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'))).toEqual({
      state: 'answers',
      version: '0.0.0',
    });
  });

  it('ends with a peer that never stops, and one that says nothing', async () => {
    expect(await probeOf((socket) => socket.on('error', () => undefined).write('x'.repeat(1024 * 1024)))).toMatchObject(
      {
        state: 'answers',
      },
    );
    expect(await probeOf((socket) => socket.end())).toEqual({ state: 'absent' });
    expect(await probeOf((socket) => socket.destroy())).toEqual({ state: 'absent' });
  });

  it('does not wait for ever for one that hangs', async () => {
    const held: Socket[] = [];
    await expect(probeOf((socket) => held.push(socket), 50)).rejects.toThrow('has not answered for 0.05 s');
    for (const socket of held) socket.destroy();
  });

  it('finds nobody where there is no socket, a dead one, or a file in the way', async () => {
    expect(await probeEngine(join(folder, 'none'))).toEqual({ state: 'absent' });
    expect(await probeEngine(join(folder, 'none/at/all'))).toEqual({ state: 'absent' });
    const file = join(folder, 'file');
    await writeFile(file, '');
    await chmod(file, 0o600);
    expect(await probeEngine(file)).toEqual({ state: 'absent' });
    expect(await probeEngine(join(file, 'below'))).toEqual({ state: 'absent' });
  });
});

it.each([
  ['0.1.0', '0.1.0', false],
  ['0.1.0', '0.1.1', true],
  ['0.9.9', '0.10.0', true],
  ['1.0.0', '0.9.9', false],
  ['0.2.0', '0.1.9', false],
  ['0.0.0', '0.1.0', true],
])('%s is older than %s: %s', (version, own, expected) => {
  expect(isOlder(version, own)).toBe(expected);
});
