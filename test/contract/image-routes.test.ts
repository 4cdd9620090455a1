// Images over the API of a real engine: answers reach clients that still send, and kill -9 leaves no half of an image.
import { createHash } from 'node:crypto';
import { request, type IncomingMessage } from 'node:http';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { callApi, type RawAnswer } from '../support/api.ts';
import { TestEngine } from '../support/engine.ts';
import { tarOf } from '../support/tar.ts';

const TAR = tarOf({ name: 'etc/', type: '5' }, { name: 'etc/motd', data: 'hello\n' });

/** A request whose body is written by hand. */
function openImport(
  socketPath: string,
  query: string,
): { send: ReturnType<typeof request>; answer: Promise<RawAnswer> } {
  const { promise, resolve, reject } = Promise.withResolvers<RawAnswer>();
  const send = request({ socketPath, path: `/images/create?fromSrc=-&${query}`, method: 'POST' });
  send.on('error', reject);
  send.on('response', (answer: IncomingMessage) => {
    buffer(answer).then((body) => resolve({ status: answer.statusCode ?? 0, body: body.toString() }), reject);
  });
  return { send, answer: promise };
}

async function importTar(socket: string, query: string, tar: Uint8Array): Promise<RawAnswer> {
  const { send, answer } = openImport(socket, query);
  send.end(tar);
  return await answer;
}

test('an import answers with the id; list, inspect, history, tag and remove follow', async () => {
  await using engine = await TestEngine.start();
  const done = await importTar(engine.socket, 'repo=me/app&tag=1&changes=CMD+%5B%22sh%22%5D&changes=ENV+A%3Db', TAR);
  const id = /^\{"status":"(sha256:[0-9a-f]{64})"\}\r\n$/.exec(done.body)?.[1] ?? done.body;
  const inspected = JSON.parse((await callApi(engine.socket, '/images/me/app:1/json')).body) as {
    Id: string;
    Config: object;
    RootFS: { Layers: string[] };
  };
  expect(inspected.Id).toBe(id);
  expect(inspected.Config).toMatchObject({ Cmd: ['sh'], Env: ['A=b'] });
  expect(inspected.RootFS.Layers).toEqual([`sha256:${createHash('sha256').update(TAR).digest('hex')}`]);
  const tagged = await callApi(engine.socket, '/images/me/app:1/tag?repo=localhost:5000/x&tag=2', 'POST');
  expect(tagged.status).toBe(201);
  const list = JSON.parse((await callApi(engine.socket, '/images/json')).body) as { RepoTags: string[] }[];
  expect(list.map(({ RepoTags }) => RepoTags)).toEqual([['me/app:1', 'localhost:5000/x:2']]);
  expect((await callApi(engine.socket, '/images/localhost:5000/x:2/history')).body).toContain('"Imported from -"');
  expect((await callApi(engine.socket, '/images/me/app:1', 'DELETE')).body).toBe('[{"Untagged":"me/app:1"}]\n');
  const gone = await callApi(engine.socket, '/images/localhost:5000/x:2', 'DELETE');
  expect(JSON.parse(gone.body)).toHaveLength(3);
});

test.each([
  [
    'fromImage=localhost:9/alpine&tag=3',
    500,
    'Get "http://localhost:9/v2/": dial tcp localhost:9: connect: connection refused',
  ],
  ['fromSrc=ftp://example.com/x.tar', 400, 'cannot import from ftp://example.com/x.tar'],
])('POST /images/create?%s is refused', async (query, status, message) => {
  await using engine = await TestEngine.start();
  const refused = await callApi(engine.socket, `/images/create?${query}`, 'POST');
  expect(refused.status).toBe(status);
  expect((JSON.parse(refused.body) as { message: string }).message).toContain(message);
});

test('a client that is still sending gets the refusal', async () => {
  await using engine = await TestEngine.start();
  const big = Buffer.alloc(32 * 1024 * 1024, 'x');
  for (const [query, message] of [
    ['changes=RUN+x', 'RUN is not a valid change command'],
    ['repo=UPPER', 'must be lowercase'],
    ['repo=x', 'this is no tar archive'],
  ] as const) {
    const refused = await importTar(engine.socket, query, big);
    expect(refused).toMatchObject({ status: 400, body: expect.stringContaining(message) as string });
  }
});

test('kill -9 and a lost client leave no half of an image', async () => {
  await using engine = await TestEngine.start();
  const work = join(engine.data, 'image-work');
  const lost = openImport(engine.socket, 'repo=lost');
  lost.send.write(TAR.subarray(0, 700));
  await expect.poll(async () => (await readdir(work)).length).toBe(1);
  lost.send.destroy();
  await expect(lost.answer).rejects.toThrow();
  await expect.poll(async () => (await readdir(work)).length).toBe(0);

  await importTar(engine.socket, 'repo=whole', TAR);
  const cut = openImport(engine.socket, 'repo=cut');
  cut.send.write(TAR.subarray(0, 700));
  await expect.poll(async () => (await readdir(work)).length).toBe(1);
  const cutEnds = expect(cut.answer).rejects.toThrow();
  await engine.kill();
  await cutEnds;
  await engine.restart();
  await expect.poll(async () => await readdir(work)).toEqual([]);
  expect((await callApi(engine.socket, '/images/cut/json')).status).toBe(404);
  expect((await callApi(engine.socket, '/images/whole/json')).status).toBe(200);
});
