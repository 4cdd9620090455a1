import { pipeline } from 'node:stream/promises';
import { expect, test } from 'vitest';
import { GantryError } from '../../../../src/base/error.ts';
import type { Handlers } from '../../../../src/engine/http/types.ts';
import { openDoor, readAll } from './door.ts';

/** Echoes what it is sent, behind what the JSON body says. */
const ECHO: Handlers = {
  execStart: async (request) => {
    const body = await request.json();
    if (request.params['id'] === 'detached') return { status: 200 };
    return {
      contentType: 'application/vnd.docker.multiplexed-stream',
      serve: async (socket) => {
        socket.write(`${JSON.stringify(body)}|`);
        await pipeline(socket, socket);
      },
    };
  },
  version: () => Promise.resolve({ json: { ok: true } }),
};

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: tcp\r\n';

function start(headers: string, body: string, id = 'e1'): string {
  const head = `POST /v1.45/exec/${id}/start HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n`;
  return `${head}Content-Length: ${body.length}\r\n${headers}\r\n${body}`;
}

async function hijack(parts: readonly (string | Buffer)[]): Promise<string> {
  await using door = await openDoor(ECHO);
  const client = await door.open();
  const answer = readAll(client);
  for (const part of parts) {
    client.write(part);
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  }
  client.end();
  return await answer;
}

test.each([
  ['all in one packet', [`${start(UPGRADE, '{"Tty":true}')}stdin`]],
  ['the body apart', [start(UPGRADE, '{"Tty":true}').slice(0, -12), '{"Tty":true}stdin']],
  ['the body split', [start(UPGRADE, '{"Tty":true}').slice(0, -5), 'true}stdin']],
  ['the head split within its end', [start(UPGRADE, '{"Tty":true}').slice(0, -14), '\r\n{"Tty":true}', 'stdin']],
  ['byte by byte', Array.from(`${start(UPGRADE, '{"Tty":true}')}stdin`)],
])('an upgrade answers 101 and loses no byte of stdin: %s', async (_name, parts) => {
  const answer = await hijack(parts);
  expect(answer).toMatch(/^HTTP\/1\.1 101 UPGRADED\r\n/);
  expect(answer).toContain(
    'Content-Type: application/vnd.docker.multiplexed-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n',
  );
  expect(answer).toMatch(/\r\n\r\n\{"Tty":true\}\|stdin$/);
});

test('without Upgrade the answer is a raw 200 without length, whatever the handler names', async () => {
  const answer = await hijack([`${start('', '{}')}hello`]);
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
  expect(answer).toContain('Content-Type: application/vnd.docker.raw-stream\r\n');
  expect(answer).not.toMatch(/content-length|chunked/i);
  expect(answer).toMatch(/\r\n\r\n\{\}\|hello$/);
});

test('stdin that looks like HTTP is only bytes', async () => {
  const tricky = 'GET /version HTTP/1.1\r\nHost: x\r\n\r\n';
  expect(await hijack([start('', '{}') + tricky])).toMatch(
    new RegExp(`\\{\\}\\|GET /version HTTP/1\\.1\r\nHost: x\r\n\r\n$`),
  );
});

test('a chunked body is decoded, and what follows it is stdin', async () => {
  const head = `POST /exec/e1/start HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n${UPGRADE}\r\n`;
  expect(await hijack([`${head}5\r\n{"Tty\r\n7;x=y\r\n":true}\r\n0\r\nTrailer: 1\r\n\r\nstdin`])).toMatch(
    /\{"Tty":true\}\|stdin$/,
  );
});

test('no body at all is an empty one', async () => {
  expect(await hijack([`POST /exec/e1/start HTTP/1.1\r\nHost: x\r\n${UPGRADE}\r\n`, 'x'])).toMatch(/null\|x$/);
});

test('Expect: 100-continue is answered before the body is read', async () => {
  await using door = await openDoor(ECHO);
  const client = await door.open();
  client.write(start(`Expect: 100-continue\r\n${UPGRADE}`, '{}').slice(0, -2));
  const first = await new Promise<Buffer>((resolve) => client.once('data', resolve));
  expect(first.toString()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  client.destroy();
});

test('a refusal after 100 Continue still reaches the client', async () => {
  await using door = await openDoor({
    execStart: () => Promise.reject(new GantryError('engine/not-found', 'No such exec')),
  });
  const answer = await door.exchange(start(`Expect: 100-continue\r\n${UPGRADE}`, '{}'));
  expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 404 Not Found\r\n/);
});

test('20 MB go through both ways and half-close works', async () => {
  await using door = await openDoor(ECHO);
  const client = await door.open();
  const answer = readAll(client);
  const payload = Buffer.alloc(20 * 1024 * 1024, 'abcdefgh');
  client.write(start(UPGRADE, '{}'));
  client.end(payload);
  const text = await answer;
  expect(text.length - text.indexOf('|') - 1).toBe(payload.length);
});

test('a route that may take over can also just answer', async () => {
  await using door = await openDoor(ECHO);
  const answer = await door.exchange(start('', '{"Detach":true}', 'detached'));
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n(.*\r\n)*Content-Length: 0\r\nConnection: close\r\n\r\n$/);
});

test.each([
  ['doubled Content-Length', 'Content-Length: 2\r\nContent-Length: 2\r\n', 400],
  ['differing Content-Length', 'Content-Length: 2\r\nContent-Length: 3\r\n', 400],
  ['length and chunks', 'Content-Length: 2\r\nTransfer-Encoding: chunked\r\n', 400],
  ['a signed length', 'Content-Length: +2\r\n', 400],
  ['two codings', 'Transfer-Encoding: gzip, chunked\r\n', 400],
  ['a header without a colon', 'Content-Length 2\r\n', 400],
  ['a space before the colon', 'Content-Length : 2\r\n', 400],
  ['a folded header', 'X: a\r\n b\r\nContent-Length: 2\r\n', 400],
  ['a browser', 'Origin: http://evil.example\r\nContent-Length: 2\r\n', 403],
  ['a body beyond the cap', 'Content-Length: 9999999\r\n', 400],
])('a take-over with %s is refused', async (_name, headers, status) => {
  await using door = await openDoor(ECHO);
  const answer = await door.exchange(
    `POST /exec/e1/start HTTP/1.1\r\nContent-Type: application/json\r\n${headers}\r\n{}`,
  );
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer).toMatch(/\r\nApi-Version: /);
  expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toHaveProperty('message');
});

test('other requests reach node:http whole, also when head and body share a packet with the end of the connection', async () => {
  await using door = await openDoor(ECHO);
  const answer = await door.exchange('GET /version HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n(.*\r\n)*Connection: close\r\n(.*\r\n)*\r\n\{"ok":true\}\n$/);
});

test('our own client keeps its connection', async () => {
  await using door = await openDoor(ECHO);
  const request = 'GET /version HTTP/1.1\r\nHost: x\r\nUser-Agent: gantry/9\r\n\r\n';
  const answer = await door.exchange(request, request, 'GET /version HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(3);
});

test('a take-over on a used connection is refused', async () => {
  await using door = await openDoor(ECHO);
  const answer = await door.exchange(
    'GET /version HTTP/1.1\r\nHost: x\r\nUser-Agent: gantry/9\r\n\r\n',
    start('', '{}'),
  );
  expect(answer).toContain('HTTP/1.1 400 Bad Request');
  expect(answer).toContain('attach and exec start need a connection of their own');
});

test('a 200 kB URL is served, a head beyond 1 MiB is refused', async () => {
  await using door = await openDoor(ECHO);
  const long = `GET /version?x=${'a'.repeat(200_000)} HTTP/1.1\r\nHost: x\r\n\r\n`;
  expect(await door.exchange(long)).toMatch(/^HTTP\/1\.1 200 /);
  expect(await door.exchange(`GET /version?x=${'a'.repeat(1024 * 1024 + 1)}`)).toMatch(/^HTTP\/1\.1 431 /);
});

test('connections are counted until they close', async () => {
  await using door = await openDoor(ECHO);
  const client = await door.open();
  client.write('GET /ver');
  await expect.poll(() => door.door.connections()).toBe(1);
  client.destroy();
  await expect.poll(() => door.door.connections()).toBe(0);
});
