// Networks over the API, as raw requests: shapes, texts and statuses that clients rely on (API sheet §2.4).
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importBusybox } from '../support/busybox-image.ts';
import { TestEngine } from '../support/engine.ts';
import { ask, startContainer, type RawAnswer, type RawRequest } from '../support/http.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await TestEngine.start();
});
afterAll(async () => engine[Symbol.asyncDispose]());

async function api(line: string, body?: unknown): Promise<RawAnswer> {
  const raw: RawRequest = body === undefined ? {} : { body };
  return await ask(engine.socket, line, raw);
}

interface Network {
  readonly Id: string;
  readonly Name: string;
}

async function names(filters: object): Promise<string[]> {
  const { json } = await api(`GET /networks?filters=${encodeURIComponent(JSON.stringify(filters))}`);
  return (json as Network[]).map(({ Name }) => Name);
}

test('the three predefined networks are there and stay', async () => {
  expect(await names({ type: ['builtin'] })).toEqual(['bridge', 'host', 'none']);
  for (const name of ['bridge', 'host', 'none']) {
    const answer = await api(`DELETE /networks/${name}`);
    expect(answer).toMatchObject({
      status: 403,
      json: { message: `${name} is a pre-defined network and cannot be removed` },
    });
  }
  expect((await api('GET /networks/none')).json).toMatchObject({ Driver: 'null', IPAM: { Config: [] } });
});

test('create, inspect by name, id and prefix, refuse a second one of the name, remove', async () => {
  const labels = { 'com.docker.compose.project': 'demo', 'com.docker.compose.network': 'default' };
  const body = { Name: 'demo_default', CheckDuplicate: true, Driver: '', IPAM: null, Options: null, Labels: labels };
  const made = await api('POST /v1.43/networks/create', body);
  expect(made).toMatchObject({
    status: 201,
    json: { Id: expect.stringMatching(/^[0-9a-f]{64}$/) as string, Warning: '' },
  });
  const { Id } = made.json as Network;
  for (const reference of ['demo_default', Id, Id.slice(0, 12)]) {
    expect((await api(`GET /networks/${reference}`)).json).toMatchObject({
      Name: 'demo_default',
      Id,
      Scope: 'local',
      Driver: 'bridge',
      EnableIPv6: false,
      IPAM: { Driver: 'default', Config: [{ Subnet: expect.stringMatching(/^172\.\d+\.0\.0\/16$/) as string }] },
      Internal: false,
      ConfigFrom: { Network: '' },
      Containers: {},
      Options: {},
      Labels: labels,
    });
  }
  expect(await api('POST /networks/create', { Name: 'demo_default' })).toMatchObject({
    status: 409,
    json: { message: 'network with name demo_default already exists' },
  });
  expect(await names({ name: { demo: true } })).toEqual(['demo_default']);
  expect(await names({ label: ['com.docker.compose.project=demo', 'com.docker.compose.network'] })).toHaveLength(1);
  expect(await names({ label: ['com.docker.compose.project=other'] })).toEqual([]);
  expect(await names({ dangling: ['true'] })).toEqual(['demo_default']);
  expect((await api(`DELETE /networks/${Id}`)).status).toBe(204);
  expect(await api('GET /networks/demo_default')).toMatchObject({
    status: 404,
    json: { message: 'network demo_default not found' },
  });
});

test('addressing is as asked', async () => {
  const config = {
    Subnet: '10.88.0.0/24',
    IPRange: '10.88.0.128/25',
    Gateway: '10.88.0.9',
    AuxiliaryAddresses: { router: '10.88.0.200' },
  };
  const options = { 'com.docker.network.driver.mtu': '1400', 'com.docker.network.bridge.enable_icc': 'false' };
  await api('POST /networks/create', {
    Name: 'addressed',
    Internal: true,
    IPAM: { Config: [config] },
    Options: options,
  });
  expect((await api('GET /networks/addressed')).json).toMatchObject({
    Internal: true,
    IPAM: { Config: [config] },
    Options: options,
  });
  await api('DELETE /networks/addressed');
});

test('IPv6 has a subnet of its own unless one is named', async () => {
  await api('POST /networks/create', { Name: 'six', EnableIPv6: true });
  expect((await api('GET /networks/six')).json).toMatchObject({
    EnableIPv6: true,
    IPAM: { Config: [{}, { Subnet: expect.stringMatching(/^fd[0-9a-f:]+\/64$/) as string }] },
  });
  await api('DELETE /networks/six');
});

test.each<[object | undefined, number, RegExp]>([
  [undefined, 400, /invalid name: /],
  [{ Name: 5 }, 400, /Name must be a string/],
  [{ Name: 'a b' }, 400, /invalid network name/],
  [{ Name: '-j ACCEPT' }, 400, /invalid network name/],
  [{ Name: 'a\nb' }, 400, /invalid network name/],
  [{ Name: 'host' }, 403, /operation is not permitted on predefined host network/],
  [{ Name: 'x', Driver: 'macvlan' }, 404, /could not find plugin macvlan/],
  [{ Name: 'x', Driver: 'host' }, 403, /only one instance of "host" network is allowed/],
  [{ Name: 'x', Driver: 'overlay' }, 403, /This node is not a swarm manager/],
  [{ Name: 'x', Scope: 'swarm' }, 403, /cannot create a swarm scoped network/],
  [{ Name: 'x', ConfigFrom: { Network: 'y' } }, 501, /not served/],
  [{ Name: 'x', IPAM: { Config: [{ Subnet: 'ten/8' }] } }, 400, /invalid subnet ten\/8: invalid CIDR block notation/],
  [{ Name: 'x', IPAM: { Config: [{ Subnet: '10.9.0.1/24' }] } }, 400, /it should be 10\.9\.0\.0\/24/],
  [
    { Name: 'x', IPAM: { Config: [{ Subnet: '10.0.0.0/24', Gateway: '10.0.1.1' }] } },
    400,
    /parent subnet 10.0.0.0\/24 doesn't contain/,
  ],
  [{ Name: 'x', IPAM: { Config: {} } }, 400, /IPAM\.Config must be a list/],
  [{ Name: 'x', Options: { 'com.docker.network.driver.mtu': 'big' } }, 400, /mtu/],
])('a create of %j is refused with %i', async (body, status, message) => {
  const answer = await api('POST /networks/create', body);
  expect(answer.status).toBe(status);
  expect((answer.json as { message: string }).message).toMatch(message);
});

test('subnets never overlap', async () => {
  await api('POST /networks/create', { Name: 'one', IPAM: { Config: [{ Subnet: '10.66.0.0/16' }] } });
  expect(
    await api('POST /networks/create', { Name: 'two', IPAM: { Config: [{ Subnet: '10.66.5.0/24' }] } }),
  ).toMatchObject({
    status: 403,
    json: { message: expect.stringContaining('Pool overlaps with other one on this address space') as string },
  });
  await api('DELETE /networks/one');
});

test('many networks made at once get subnets of their own', async () => {
  const made = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => api('POST /networks/create', { Name: `n${index}` })),
  );
  expect(made.map(({ status }) => status)).toEqual(Array(8).fill(201));
  const list = (await api('GET /networks')).json as { IPAM: { Config: { Subnet: string }[] } }[];
  const subnets = list.flatMap(({ IPAM }) => IPAM.Config.map(({ Subnet }) => Subnet));
  expect(new Set(subnets).size).toBe(subnets.length);
  const pruned = await api('POST /networks/prune');
  expect((pruned.json as { NetworksDeleted: string[] }).NetworksDeleted.sort()).toEqual(
    Array.from({ length: 8 }, (_, i) => `n${i}`),
  );
  expect((await api('POST /networks/prune')).json).toEqual({ NetworksDeleted: null });
});

test('networks and their ids outlive the daemon', async () => {
  const { Id } = (await api('POST /networks/create', { Name: 'kept' })).json as Network;
  await engine.kill();
  await engine.restart();
  expect((await api('GET /networks/kept')).json).toMatchObject({ Id });
  expect((await api('DELETE /networks/kept')).status).toBe(204);
});

test('connecting needs a network and a container', async () => {
  expect((await api('POST /networks/nope/connect', { Container: 'x' })).json).toMatchObject({
    message: 'network nope not found',
  });
  expect(await api('POST /networks/bridge/connect', { Container: 'x' })).toMatchObject({
    status: 404,
    json: { message: 'No such container: x' },
  });
  expect((await api('POST /networks/bridge/disconnect', {})).status).toBe(400);
});

test('events tell of networks', async () => {
  const { json } = await api('POST /networks/create', { Name: 'seen' });
  await api('DELETE /networks/seen');
  const { Id } = json as Network;
  const until = Math.ceil(Date.now() / 1000);
  const answer = await api(`GET /events?since=0&until=${until}&filters=${encodeURIComponent(`{"network":["${Id}"]}`)}`);
  const lines = answer.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
  expect(lines).toMatchObject([
    { Type: 'network', Action: 'create', Actor: { ID: Id, Attributes: { name: 'seen', type: 'bridge' } } },
    { Type: 'network', Action: 'destroy' },
  ]);
});

test('a new network has its bridge, and keeps clear of subnets of the host', async () => {
  await engine.netns.check('ip', ['link', 'add', 'other0', 'type', 'bridge']);
  await engine.netns.check('ip', ['addr', 'add', '172.18.0.1/16', 'dev', 'other0']);
  await engine.netns.check('ip', ['link', 'set', 'other0', 'up']);
  const { Id } = (await api('POST /networks/create', { Name: 'clear' })).json as Network;
  const found = (await api('GET /networks/clear')).json as { IPAM: { Config: { Subnet: string; Gateway: string }[] } };
  expect(found.IPAM.Config[0]?.Subnet).not.toBe('172.18.0.0/16');
  const address = async (): Promise<string> =>
    (await engine.netns.run('ip', ['-o', '-4', 'addr', 'show', 'dev', `br-${Id.slice(0, 12)}`])).stdout;
  await expect.poll(address).toContain(`inet ${found.IPAM.Config[0]?.Gateway ?? ''}/16`);
  await api('DELETE /networks/clear');
  expect(await address()).toBe('');
  await engine.netns.check('ip', ['link', 'del', 'other0']);
});

test('the default network moves when its subnet was taken while nobody used it', async () => {
  const subnet = async (): Promise<string> =>
    ((await api('GET /networks/bridge')).json as { IPAM: { Config: [{ Subnet: string }] } }).IPAM.Config[0].Subnet;
  const before = await subnet();
  await engine.netns.check('ip', ['link', 'add', 'other0', 'type', 'bridge']);
  await engine.netns.check('ip', ['addr', 'add', before.replace('.0.0/', '.0.1/'), 'dev', 'other0']);
  await engine.netns.check('ip', ['link', 'set', 'other0', 'up']);
  await importBusybox(engine.socket);
  await startContainer(engine.socket, 'moved', { Image: 'busybox', Cmd: ['sleep', '1000'] });
  const { NetworkSettings } = (await api('GET /containers/moved/json')).json as { NetworkSettings: object };
  await api('DELETE /containers/moved?force=1');
  await engine.netns.check('ip', ['link', 'del', 'other0']);
  expect(await subnet()).not.toBe(before);
  expect(NetworkSettings).toMatchObject({ IPAddress: (await subnet()).replace('.0.0/16', '.0.2') });
});
