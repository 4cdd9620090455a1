// The engine as a whole over the API, as raw requests: what every client asks first.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TestEngine } from '../support/engine.ts';
import { ask } from '../support/http.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await TestEngine.start();
});
afterAll(async () => engine[Symbol.asyncDispose]());

test('ping by GET and HEAD carries what clients negotiate by', async () => {
  for (const [line, text] of [
    ['GET /_ping', 'OK'],
    ['HEAD /_ping', ''],
  ] as const) {
    const answer = await ask(engine.socket, line);
    expect(answer).toMatchObject({ status: 200, text });
    expect(answer.headers).toMatchObject({
      'api-version': '1.51',
      'builder-version': '1',
      'cache-control': 'no-cache, no-store, must-revalidate',
      'content-length': String(text.length),
      'content-type': 'text/plain; charset=utf-8',
      'docker-experimental': 'false',
      ostype: 'linux',
      pragma: 'no-cache',
      server: expect.stringMatching(/^Docker\/\S+ \(linux\)$/) as string,
      swarm: 'inactive',
    });
  }
});

test('version has its fields and components, with every prefix that is served', async () => {
  for (const prefix of ['', '/v1.24', '/v1.41', '/v1.51']) {
    expect((await ask(engine.socket, `GET ${prefix}/version`)).json).toMatchObject({
      ApiVersion: '1.51',
      MinAPIVersion: '1.24',
      Os: 'linux',
      Arch: expect.stringMatching(/^(amd64|arm64)$/) as string,
      Components: [{ Name: 'Engine', Details: { ApiVersion: '1.51', MinAPIVersion: '1.24' } }],
    });
  }
});

test.each([
  ['/v1.23/version', 400, /too old. Minimum supported API version is 1\.24/],
  ['/v1.99/version', 400, /client version 1\.99 is too new. Maximum supported API version is 1\.51/],
  ['/v1.41/nowhere', 404, /page not found/],
  ['/v1.41/services', 503, /This node is not a swarm manager/],
  ['/v1.41/swarm', 503, /This node is not a swarm manager/],
  ['/v1.41/plugins/none/json', 404, /plugin "none" not found/],
  ['POST /v1.41/swarm/leave', 503, /This node is not part of a swarm/],
  ['POST /v1.41/swarm/init', 501, /no swarm mode/],
  ['PUT /v1.44/volumes/data?version=1', 503, /volume update only valid for cluster volumes/],
])('%s is %i', async (line, status, message) => {
  const answer = await ask(engine.socket, line.startsWith('/') ? `GET ${line}` : line);
  expect(answer.status).toBe(status);
  expect((answer.json as { message: string }).message).toMatch(message);
  expect(answer.headers).toHaveProperty('api-version');
});

test('info has what clients read, and types they can parse', async () => {
  expect((await ask(engine.socket, 'GET /info')).json).toMatchObject({
    ID: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    Containers: 0,
    ContainersRunning: 0,
    Images: 0,
    Driver: 'overlay2',
    DriverStatus: [['Backing Filesystem', expect.stringMatching(/fs$/)]],
    Plugins: { Volume: ['local'], Network: ['bridge', 'host', 'null'] },
    OSType: 'linux',
    Architecture: expect.stringMatching(/^(x86_64|aarch64)$/) as string,
    NCPU: expect.any(Number) as number,
    MemTotal: expect.any(Number) as number,
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: { InsecureRegistryCIDRs: ['127.0.0.0/8'], IndexConfigs: {}, Mirrors: [] },
    Swarm: { LocalNodeState: 'inactive' },
    CgroupDriver: 'cgroupfs',
    CgroupVersion: expect.stringMatching(/^[12]$/) as string,
    SecurityOptions: ['name=seccomp,profile=default'],
    DefaultRuntime: expect.any(String) as string,
    Warnings: expect.any(Array) as string[],
  });
});

test('info shows the mirrors and the registries that need no certificate', async () => {
  const env = {
    GANTRY_REGISTRY_MIRRORS: 'https://mirror.example',
    GANTRY_INSECURE_REGISTRIES: '10.0.0.0/8,registry.example:5000',
  };
  await using other = await TestEngine.start({ env });
  expect((await ask(other.socket, 'GET /info')).json).toMatchObject({
    RegistryConfig: {
      InsecureRegistryCIDRs: ['10.0.0.0/8', '127.0.0.0/8'],
      IndexConfigs: { 'registry.example:5000': { Name: 'registry.example:5000', Secure: false } },
      Mirrors: ['https://mirror.example'],
    },
  });
});

test('what system prune asks in turn is there', async () => {
  for (const area of ['containers', 'networks', 'images', 'volumes', 'build']) {
    const answer = await ask(engine.socket, `POST /${area}/prune`);
    expect(answer.status, area).toBe(200);
  }
  expect((await ask(engine.socket, 'GET /plugins')).json).toEqual([]);
});

test('a page in a browser is refused, also for a stream', async () => {
  for (const line of ['GET /info', 'POST /containers/create', 'POST /containers/x/attach', 'POST /exec/x/start']) {
    expect((await ask(engine.socket, line, { headers: { Origin: 'http://evil.example' } })).status, line).toBe(403);
  }
});

test('no body and no environment of a request is in the log', async () => {
  const canary = 'canary-7f3a';
  const body = { Image: 'missing', Env: [`PASSWORD=${canary}`] };
  await ask(engine.socket, `POST /containers/create?name=a&secret=${canary}`, { body });
  await ask(engine.socket, 'POST /containers/create', { body: { ...body, Env: canary } });
  expect(await engine.log()).toContain('/containers/create');
  expect(await engine.log()).not.toContain(canary);
});
