// The transport and its resources against a real HTTP server on a real socket.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Docker } from '../../../src/client/docker.ts';
import { HttpError } from '../../../src/client/errors.ts';

type Handler = (request: IncomingMessage, answer: ServerResponse) => void;

let folder: string;
let server: Server;
let docker: Docker;
let seen: string[];
let handler: Handler;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gc-'));
  seen = [];
  handler = (request, answer) => answer.end(request.url?.startsWith('/containers/json') === true ? '[]' : '{}');
  server = createServer((request, answer) => {
    seen.push(`${request.method ?? ''} ${request.url ?? ''}`);
    handler(request, answer);
  });
  server.listen(join(folder, 's'));
  await once(server, 'listening');
  docker = new Docker({ host: `unix://${join(folder, 's')}` });
});
afterEach(async () => {
  docker.close();
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

const answerWith =
  (status: number, body: string, headers: Record<string, string> = {}): Handler =>
  (_request, answer) =>
    answer.writeHead(status, headers).end(body);

describe('paths and queries', () => {
  it.each([
    [
      'stop with time',
      async (): Promise<void> => await docker.getContainer('a').stop({ t: 0 }),
      'POST /containers/a/stop?t=0',
    ],
    [
      'a flag',
      async (): Promise<void> => await docker.getContainer('a/b').remove({ v: true }),
      'DELETE /containers/a%2Fb?v=true',
    ],
    [
      'an image with slashes',
      async (): Promise<unknown> => await docker.getImage('h:5/a b:1').inspect(),
      'GET /images/h:5/a%20b:1/json',
    ],
    [
      'filters',
      async (): Promise<unknown> => await docker.listContainers({ all: true, filters: { label: ['a=b'] } }),
      'GET /containers/json?all=true&filters=%7B%22label%22%3A%5B%22a%3Db%22%5D%7D',
    ],
  ])('%s', async (_title, call, line) => {
    await call();
    expect(seen).toEqual([line]);
  });

  it('sends bodies as JSON', async () => {
    let body = '';
    handler = (request, answer) => {
      void text(request).then((all) => {
        body = all;
        answer.end('{"Id":"1","Warnings":[]}');
      });
    };
    const made = await docker.createContainer({ Image: 'i', name: 'n' });
    expect(JSON.parse(body)).toEqual({ Image: 'i' });
    expect(seen).toEqual(['POST /containers/create?name=n']);
    expect(made.id).toBe('1');
  });
});

describe('failures', () => {
  it('have the message, the status and the body', async () => {
    handler = answerWith(404, '{"message":"No such container: a"}');
    const error: unknown = await docker
      .getContainer('a')
      .start()
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(HttpError);
    expect(error).toMatchObject({
      code: 'client/http',
      statusCode: 404,
      reason: 'not found',
      message: 'No such container: a',
      json: { message: 'No such container: a' },
    });
  });

  it('keep the finer code of a gantry engine', async () => {
    handler = answerWith(500, '{"message":"port 80 is taken","code":"engine/port-taken"}');
    await expect(docker.getContainer('a').start()).rejects.toMatchObject({ code: 'engine/port-taken' });
  });

  it('a 304 rejects, as in dockerode', async () => {
    handler = answerWith(304, '');
    await expect(docker.getContainer('a').stop()).rejects.toMatchObject({ statusCode: 304 });
  });

  it('an answer that is no JSON says so', async () => {
    handler = answerWith(200, '<html>');
    await expect(docker.listContainers()).rejects.toMatchObject({ code: 'client/protocol' });
  });

  it('nobody there', async () => {
    const nobody = new Docker({ host: `unix://${folder}/none` });
    await expect(nobody.ping()).rejects.toMatchObject({
      code: 'client/unreachable',
      message: expect.stringContaining('no such socket') as string,
    });
  });

  it('an abort ends the call', async () => {
    handler = () => undefined;
    const controller = new AbortController();
    const call = docker.getContainer('a').wait({ abortSignal: controller.signal });
    await once(server, 'request');
    controller.abort();
    await expect(call).rejects.toMatchObject({ code: 'base/aborted' });
  });
});

it('learns the version from an answer, without a call of its own', async () => {
  handler = answerWith(200, '[]', { 'Api-Version': '1.51' });
  expect(docker.modem.apiVersion).toBeUndefined();
  await docker.listContainers();
  expect(docker.modem.apiVersion).toBe('1.51');
  expect(seen).toHaveLength(1);
});

it('keeps connections for the next call', async () => {
  let connections = 0;
  server.on('connection', () => (connections += 1));
  for (let turn = 0; turn < 3; turn += 1) await docker.ping();
  expect(connections).toBe(1);
});

describe('taking a connection over', () => {
  it('gives what follows the 101, also in the same packet, and half-closes', async () => {
    server.on('upgrade', (_request: IncomingMessage, socket: Socket, head: Buffer) => {
      let got = head.toString();
      socket.on('data', (chunk: Buffer) => (got += chunk.toString()));
      socket.on('end', () => socket.end(`you said ${got}`));
      socket.write('HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nfirst;');
    });
    const { stream } = await docker.getContainer('a').attach({ stdin: true });
    stream.end('hello');
    expect(await text(stream)).toBe('first;you said hello');
  });

  it('rejects when the engine refuses', async () => {
    server.on('upgrade', (_request: IncomingMessage, socket: Socket) => {
      const body = '{"message":"No such container: a"}';
      socket.end(`HTTP/1.1 404 Not Found\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`);
    });
    await expect(docker.getContainer('a').attach()).rejects.toMatchObject({ statusCode: 404 });
  });
});
