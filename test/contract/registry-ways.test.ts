// How a registry is reached: mirrors, proxies, several pulls at once, searches; against a real image store.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { beginPull } from '../../src/engine/images/transfer/pull.ts';
import { transferStore } from '../../src/engine/images/transfer/store.ts';
import { ANONYMOUS } from '../../src/engine/registry/credentials.ts';
import { login } from '../../src/engine/registry/login.ts';
import { searchIndex } from '../../src/engine/registry/search.ts';
import { MEDIA } from '../../src/engine/registry/manifest.ts';
import { FakeRegistry, isBlob, refuse } from '../support/fake-registry.ts';
import { PullLab } from '../support/pull-lab.ts';

let lab: PullLab;
let registry: FakeRegistry;
beforeEach(async () => {
  lab = await PullLab.create();
  ({ registry } = lab);
});
afterEach(async () => lab[Symbol.asyncDispose]());

const pull: PullLab['pull'] = async (...words) => lab.pull(...words);

describe('the way to a registry', () => {
  it('is a mirror for docker.io, and never with its credentials', async () => {
    registry.add('library/x', '1', ['one']);
    const env = { GANTRY_REGISTRY_MIRRORS: `http://${registry.host}` };
    await pull('x:1', { env, credentials: { ...ANONYMOUS, username: 'me', password: 'secret' } });
    expect(lab.areas.images.inspect('x:1').RepoTags).toEqual(['x:1']);
    expect(new Set(registry.authorizations)).toEqual(new Set(['']));
  });

  it('goes on to the next place when a mirror has a manifest but not all of its layers', async () => {
    await using broken = await FakeRegistry.start();
    for (const place of [broken, registry]) place.add('library/x', '1', ['one', 'two', 'three']);
    const [, , last] = registry.add('library/x', '1', ['one', 'two', 'three']);
    broken.blobs.delete(last?.digest ?? '');
    const env = { GANTRY_REGISTRY_MIRRORS: `http://${broken.host},http://${registry.host}` };
    await pull('x:1', { env });
    expect(lab.areas.images.inspect('x:1').RepoTags).toEqual(['x:1']);
    expect(broken.fetches(last?.digest ?? '')).toBe(1);
    expect(registry.fetches(last?.digest ?? '')).toBe(1);
    expect(await lab.stored()).toMatchObject({ layers: 3, work: 0 });
  });

  it('gives up on a list of tags that does not end, or is none', async () => {
    let pages = 0;
    registry.intercept = (request, response) => {
      if (request.url?.includes('/tags/list') !== true) return false;
      pages += 1;
      const tags = Array.from({ length: 200 }, (_none, index) => `t${index}`);
      response.writeHead(200, { Link: '</v2/lab/x/tags/list?last=a>; rel="next"' }).end(JSON.stringify({ tags }));
      return true;
    };
    const all = { ref: { domain: registry.host, path: 'lab/x' }, platform: '' };
    const begin = async (): Promise<unknown> =>
      beginPull(transferStore(lab.areas.store, { GANTRY_CONFIG: lab.areas.data }), all, {
        signal: AbortSignal.timeout(50_000),
      });
    await expect(begin()).rejects.toMatchObject({ code: 'registry/protocol' });
    expect(pages).toBeLessThan(1000);
    registry.intercept = (request, response) =>
      request.url?.includes('/tags/list') === true && response.writeHead(200).end('{') === response;
    await expect(begin()).rejects.toThrow('the list of tags is no JSON');
  });

  it('leads through the proxy', async () => {
    registry.add('lab/x', '1', ['one']);
    const tunnels: string[] = [];
    registry.server.on('connect', (request, socket) => {
      tunnels.push(request.url ?? '');
      socket.end('HTTP/1.1 405 Not Allowed\r\n\r\n');
    });
    const proxy = `http://${registry.host}`;
    const env = { HTTP_PROXY: proxy, HTTPS_PROXY: proxy, GANTRY_INSECURE_REGISTRIES: 'registry.example:5000' };
    await pull('registry.example:5000/lab/x:1', { env });
    // https is tried first, through a tunnel
    expect(tunnels).toEqual(['registry.example:5000']);
    expect(registry.requests).toContain('GET /v2/lab/x/manifests/1');
  });

  it('is taken by three layers at a time, and by pulls of one image together once', async () => {
    const layers = registry.add(
      'lab/x',
      '1',
      Array.from({ length: 8 }, () => randomBytes(50_000)),
    );
    const transfer = transferStore(lab.areas.store, { GANTRY_CONFIG: lab.areas.data });
    const name = `${registry.host}/lab/x:1`;
    const [one, two] = await Promise.all([pull(name, { transfer }), pull(name, { transfer })]);
    expect(one).toEqual(two);
    expect(registry.mostSending).toBeLessThanOrEqual(3);
    expect(layers.map(({ digest }) => registry.fetches(digest))).toEqual(layers.map(() => 1));
  });

  it('waits for a registry that has too much to do', async () => {
    const [layer] = registry.add('lab/x', '1', ['one']);
    let refused = 0;
    registry.intercept = (request, response) => {
      if (!isBlob(request, layer?.digest) || (refused += 1) > 2) return false;
      refuse(response, 429, 'TOOMANYREQUESTS', 'slow down');
      return true;
    };
    await pull(`${registry.host}/lab/x:1`);
    expect(refused).toBe(3);
  });
});

it('searches the index of the host a term begins with', async () => {
  const found = { name: 'busybox', description: 'small', star_count: 7, is_official: true };
  registry.intercept = (request, response) => {
    if (request.url !== '/v1/search?q=busybox&n=5') return false;
    response.end(JSON.stringify({ results: [found, { name: 'other', star_count: 1 }, 7] }));
    return true;
  };
  const asked = {
    term: `${registry.host}/busybox`,
    limit: 5,
    credentials: ANONYMOUS,
    signal: new AbortController().signal,
  };
  const other = { name: 'other', description: '', star_count: 1, is_official: false, is_automated: false };
  expect(await searchIndex({ GANTRY_CONFIG: lab.areas.data }, asked)).toEqual([
    { ...found, is_automated: false },
    other,
  ]);
  await expect(
    searchIndex({ GANTRY_CONFIG: lab.areas.data }, { ...asked, term: `${registry.host}/x` }),
  ).rejects.toThrow('Unexpected status code 404');
});

it('keeps the refresh token of a login', async () => {
  registry.intercept = (request, response) => {
    if (request.url?.startsWith('/token') === true) {
      const isMe = request.headers.authorization === `Basic ${Buffer.from('me:secret').toString('base64')}`;
      if (isMe) response.end(JSON.stringify({ token: 'T', refresh_token: 'R' }));
      else refuse(response, 401, 'UNAUTHORIZED', 'incorrect username or password');
      return true;
    }
    response.setHeader('WWW-Authenticate', `Bearer realm="http://${registry.host}/token",service="lab"`);
    refuse(response, 401, 'UNAUTHORIZED', 'authentication required');
    return true;
  };
  const { signal } = new AbortController();
  const me = { ...ANONYMOUS, username: 'me', password: 'secret', serverAddress: registry.host };
  const env = { GANTRY_CONFIG: lab.areas.data };
  expect(await login(env, me, { signal })).toEqual({ Status: 'Login Succeeded', IdentityToken: 'R' });
  await expect(login(env, { ...me, password: 'wrong' }, { signal })).rejects.toMatchObject({
    code: 'engine/unauthorized',
    message: 'unauthorized: incorrect username or password',
  });
});

it('takes the image of an index that fits the platform', async () => {
  registry.add('lab/x', 'amd', ['amd64']);
  registry.add('lab/x', 'arm', ['arm64'], 'arm64');
  const entry = (tag: string, platform: object): object => {
    const stands = registry.manifests.get(`lab/x:${tag}`);
    const digest = [...registry.manifests].find(([name, at]) => at.bytes === stands?.bytes && name.includes('sha256:'));
    return {
      mediaType: MEDIA.dockerManifest,
      digest: digest?.[0].slice('lab/x:'.length),
      size: stands?.bytes.length,
      platform,
    };
  };
  const manifests = [
    entry('amd', { architecture: 'amd64', os: 'linux' }),
    entry('arm', { architecture: 'arm64', os: 'linux', variant: 'v8' }),
  ];
  const digest = registry.put('lab/x', '1', MEDIA.ociIndex, { schemaVersion: 2, manifests });
  const name = `${registry.host}/lab/x:1`;
  await pull(name, { platform: 'linux/arm64' });
  expect(lab.areas.images.inspect(name)).toMatchObject({
    Architecture: 'arm64',
    RepoDigests: [`${registry.host}/lab/x@${digest}`],
  });
  await expect(pull(name, { platform: 'linux/s390x' })).rejects.toThrow(
    'no matching manifest for linux/s390x in the manifest list entries',
  );
});
