import { expect, test } from 'vitest';
import { GantryError } from '../../../../src/base/error.ts';
import type { Handlers } from '../../../../src/engine/http/types.ts';
import { openDoor } from './door.ts';

const gone = Promise.withResolvers<string>();

const HANDLERS: Handlers = {
  containerCreate: async (request) => ({
    status: 201,
    json: { body: await request.json(), new: request.since('1.44') },
  }),
  containerStart: () => Promise.reject(new GantryError('engine/not-modified', 'already started')),
  containerInspect: ({ params }) =>
    Promise.reject(
      new GantryError('engine/not-found', `No such container: ${params['id'] ?? ''}`, { hint: 'see ps -a' }),
    ),
  containerStop: () => Promise.resolve({ status: 204 }),
  containerTop: () => Promise.reject(new Error('a mistake')),
  containerWait: () =>
    Promise.resolve({
      headers: { 'Content-Type': 'application/json' },
      write: async (out, signal) => {
        out.write('first\n');
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
        gone.resolve((signal.reason as Error).message);
      },
    }),
  containerLogs: () =>
    Promise.resolve({
      write: async (out) => {
        await new Promise((resolve) => out.write('half', resolve));
        throw new Error('lost');
      },
    }),
};

async function ask(request: string): Promise<{ head: string; body: string }> {
  await using door = await openDoor(HANDLERS);
  const text = await door.exchange(request);
  const at = text.indexOf('\r\n\r\n');
  return { head: text.slice(0, at), body: text.slice(at + 4) };
}

const get = async (url: string, headers = ''): ReturnType<typeof ask> =>
  ask(`GET ${url} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);

function post(url: string, headers: string, body: string): string {
  return `POST ${url} HTTP/1.1\r\nHost: x\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

const JSON_TYPE = 'Content-Type: application/json; charset=utf-8\r\n';

test('unknown paths and wrong methods are "page not found", with the headers of every answer', async () => {
  for (const url of ['/nowhere', '/v1.44/containers/create']) {
    const { head, body } = await get(url);
    expect(head).toMatch(/^HTTP\/1\.1 404 Not Found\r\n/);
    expect(head).toMatch(
      /Api-Version: 1\.51\r\n(.*\r\n)*Ostype: linux\r\nServer: Docker\/\S+ \(linux\)\r\nContent-Type: application\/json/,
    );
    expect(JSON.parse(body)).toMatchObject({ message: 'page not found' });
    expect(body.endsWith('\n')).toBe(true);
  }
});

test('an error gives its status; the hint is in the message for foreign clients and apart for ours', async () => {
  expect(JSON.parse((await get('/containers/x/json')).body)).toEqual({
    message: 'No such container: x (see ps -a)',
    code: 'engine/not-found',
    hint: 'see ps -a',
  });
  const own = await get('/containers/x/json', 'User-Agent: gantry/1\r\nConnection: close\r\n');
  expect(JSON.parse(own.body)).toMatchObject({ message: 'No such container: x', hint: 'see ps -a' });
});

test('304 and 204 have no body and no length', async () => {
  for (const [path, status] of [
    ['start', '304 Not Modified'],
    ['stop', '204 No Content'],
  ] as const) {
    const { head, body } = await ask(post(`/containers/x/${path}`, '', ''));
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status}\r\n`));
    expect(head).not.toMatch(/content-length/i);
    expect(body).toBe('');
  }
});

test('a mistake is 500 with its message, and logged with its stack', async () => {
  await using door = await openDoor(HANDLERS);
  const text = await door.exchange('GET /containers/x/top?secret=s HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(text).toMatch(/^HTTP\/1\.1 500 /);
  expect(text).toContain('{"message":"a mistake","code":"engine/internal"}');
  expect(door.log).toContainEqual(expect.objectContaining({ level: 'error', path: '/containers/x/top' }));
  expect(JSON.stringify(door.log)).not.toContain('secret');
});

test('JSON bodies: parameters of the type are allowed, null is nothing, keys match in any case', async () => {
  const { head, body } = await ask(post('/v1.43/containers/create', JSON_TYPE, '{"cmd":["a"],"Unknown":1}'));
  expect(head).toMatch(/^HTTP\/1\.1 201 /);
  expect(JSON.parse(body)).toEqual({ body: { Cmd: ['a'], Unknown: 1 }, new: false });
  expect(JSON.parse((await ask(post('/containers/create', '', ''))).body)).toEqual({ body: null, new: true });
});

test.each([
  ['no content type', '', '{}', /unsupported Content-Type header \(\): must be 'application\/json'/],
  ['another content type', 'Content-Type: text/plain\r\n', '{}', /unsupported Content-Type header \(text\/plain\)/],
  ['broken JSON', JSON_TYPE, '{"a":', /invalid JSON/],
  ['trailing garbage', JSON_TYPE, '{} {}', /invalid JSON/],
  ['a body beyond 8 MiB', JSON_TYPE, `"${'a'.repeat(9 * 1024 * 1024)}"`, /larger than 8388608 bytes/],
])('a body with %s is 400', async (_name, headers, body, message) => {
  const answer = await ask(post('/containers/create', headers, body));
  expect(answer.head).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer.body).toMatch(message);
});

test.each([
  ['doubled Content-Length', 'Content-Length: 0\r\nContent-Length: 0\r\n'],
  ['length and chunks', 'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n'],
])('a request with %s is refused', async (_name, headers) => {
  expect((await ask(`POST /containers/create HTTP/1.1\r\nHost: x\r\n${headers}\r\n0\r\n\r\n`)).head).toMatch(
    /^HTTP\/1\.1 400 /,
  );
});

test.each(['Origin: http://evil.example', 'Sec-Fetch-Site: cross-site'])('a browser is refused: %s', async (header) => {
  expect((await get('/containers/x/json', `${header}\r\n`)).head).toMatch(/^HTTP\/1\.1 403 /);
});

test('swarm is 503 in words that clients know, BuildKit 501 with the way out', async () => {
  const swarm = await get('/v1.41/services?x=1');
  expect(swarm.head).toMatch(/^HTTP\/1\.1 503 /);
  expect(swarm.body).toContain('This node is not a swarm manager');
  for (const path of ['/session', '/v1.44/grpc']) {
    const upgrade = `POST ${path} HTTP/1.1\r\nHost:\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n`;
    const answer = await ask(upgrade);
    expect(answer.head).toMatch(/^HTTP\/1\.1 501 /);
    expect(answer.body).toContain('DOCKER_BUILDKIT=0');
  }
});

test('OPTIONS is 200 on any route', async () => {
  expect((await ask('OPTIONS /v1.41/containers/json HTTP/1.1\r\nHost: x\r\n\r\n')).head).toMatch(/^HTTP\/1\.1 200 /);
});

test('a stream sends its head before its first byte and notices that the client has gone', async () => {
  await using door = await openDoor(HANDLERS);
  const client = await door.open();
  client.write(post('/containers/x/wait', '', ''));
  await expect.poll(() => (client.read() as Buffer | null)?.toString() ?? '').toMatch(/^HTTP\/1\.1 200 [^]*first/);
  client.destroy();
  expect(await gone.promise).toBe('the client has gone');
});

test('a stream that fails is cut, so that nobody takes it for complete', async () => {
  expect((await get('/containers/x/logs?stdout=1')).body).toBe('4\r\nhalf\r\n');
});
