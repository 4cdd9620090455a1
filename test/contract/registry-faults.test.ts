// Pulls from a registry that misbehaves, against a real image store: what breaks is taken up again or told, and nothing
// half is left.
import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseReference } from '../../src/engine/images/reference.ts';
import { beginPull } from '../../src/engine/images/transfer/pull.ts';
import type { TransferLines } from '../../src/engine/images/transfer/progress.ts';
import { transferStore, type TransferStore } from '../../src/engine/images/transfer/store.ts';
import { ANONYMOUS, type Credentials } from '../../src/engine/registry/credentials.ts';
import { login } from '../../src/engine/registry/login.ts';
import { searchIndex } from '../../src/engine/registry/search.ts';
import { MEDIA } from '../../src/engine/registry/manifest.ts';
import { TestAreas } from '../support/areas.ts';
import { FakeRegistry, refuse } from '../support/fake-registry.ts';

let areas: TestAreas;
let registry: FakeRegistry;
let said: string[];

beforeEach(async () => {
  areas = await TestAreas.create();
  registry = await FakeRegistry.start();
  said = [];
});

afterEach(async () => {
  await registry[Symbol.asyncDispose]();
  await areas[Symbol.asyncDispose]();
});

const LINES: TransferLines = {
  say: (status, id) => void said.push(id === undefined ? status : `${id}: ${status}`),
  bar: () => undefined,
  aux: () => undefined,
  fail: () => undefined,
};

interface Pull {
  readonly env?: Record<string, string>;
  readonly transfer?: TransferStore;
  readonly credentials?: Credentials;
  readonly platform?: string;
  readonly signal?: AbortSignal;
}

async function pull(name: string, options: Pull = {}): Promise<readonly string[]> {
  const { env = {}, platform = 'linux/amd64', credentials = ANONYMOUS } = options;
  const transfer = options.transfer ?? transferStore(areas.store, { GANTRY_CONFIG: areas.data, ...env });
  const signal = options.signal ?? new AbortController().signal;
  using started = await beginPull(transfer, { ref: parseReference(name), platform, credentials }, { signal });
  return await started.finish(LINES);
}

async function stored(): Promise<{ layers: number; work: number }> {
  const count = async (folder: string): Promise<number> => (await readdir(join(areas.data, folder))).length;
  return { layers: await count('layers'), work: await count('image-work') };
}

const isBlob = (request: IncomingMessage, digest = ''): boolean => request.url?.endsWith(`/blobs/${digest}`) === true;

/** More than the kernel holds of a connection, so that some of it is read before it breaks. */
const LARGE = 24 * 1024 * 1024;

/** Sends half of a blob, then ends the connection. */
function cut(response: ServerResponse, bytes: Buffer): true {
  response.writeHead(200, { 'Content-Length': bytes.length });
  response.write(bytes.subarray(0, bytes.length / 2), () => response.socket?.end());
  return true;
}

describe('a broken transfer', () => {
  it('goes on where it was', async () => {
    const [layer] = registry.add('lab/x', '1', [randomBytes(LARGE)]);
    let broken = 0;
    registry.intercept = (request, response) =>
      isBlob(request, layer?.digest) && (broken += 1) === 1 && cut(response, layer?.bytes ?? Buffer.alloc(0));
    await pull(`${registry.host}/lab/x:1`);
    // what had come but was not read yet when the connection ended is asked for again
    const [, from = ''] = /^bytes=(\d+)-$/.exec(registry.ranges.join(' ')) ?? [];
    expect(Number(from)).toBeGreaterThan(0);
    expect(Number(from)).toBeLessThanOrEqual((layer?.bytes.length ?? 0) / 2);
    expect(await stored()).toEqual({ layers: 1, work: 0 });
  });

  it('is put together also when the registry begins anew', async () => {
    const [layer] = registry.add('lab/x', '1', [randomBytes(300_000)]);
    const bytes = layer?.bytes ?? Buffer.alloc(0);
    let broken = 0;
    registry.intercept = (request, response) => {
      if (!isBlob(request, layer?.digest)) return false;
      broken += 1;
      if (broken === 1) return cut(response, bytes);
      response.writeHead(200, { 'Content-Length': bytes.length }).end(bytes);
      return true;
    };
    await pull(`${registry.host}/lab/x:1`);
    expect(broken).toBe(2);
    expect(await stored()).toEqual({ layers: 1, work: 0 });
  });

  it('leaves whole layers, which the next try does not fetch again', async () => {
    const [first, second] = registry.add('lab/x', '1', ['one', 'two']);
    registry.intercept = (request, response) => {
      if (!isBlob(request, second?.digest)) return false;
      if (registry.fetches(first?.digest ?? '') === 0 || said.every((line) => !line.endsWith('Pull complete'))) {
        setTimeout(() => refuse(response, 404, 'BLOB_UNKNOWN', 'gone'), 200);
      } else refuse(response, 404, 'BLOB_UNKNOWN', 'gone');
      return true;
    };
    await expect(pull(`${registry.host}/lab/x:1`)).rejects.toThrow(/not found|unknown/);
    expect(areas.images.list(new Map(), { noneTags: false })).toEqual([]);
    registry.intercept = () => false;
    await pull(`${registry.host}/lab/x:1`);
    expect(registry.fetches(first?.digest ?? '')).toBe(1);
    expect(await stored()).toEqual({ layers: 2, work: 0 });
  });

  it('that is cancelled leaves nothing half', async () => {
    const [layer] = registry.add('lab/x', '1', [randomBytes(300_000)]);
    const gone = new AbortController();
    registry.intercept = (request, response) => {
      if (!isBlob(request, layer?.digest)) return false;
      response.writeHead(200, { 'Content-Length': layer?.bytes.length });
      response.write(layer?.bytes.subarray(0, 1000), () => gone.abort(new Error('the client has gone')));
      return true;
    };
    await expect(pull(`${registry.host}/lab/x:1`, { signal: gone.signal })).rejects.toThrow();
    expect(await stored()).toEqual({ layers: 0, work: 0 });
  });
});

describe('what is not what it should be', () => {
  it('is refused by its digest, and gone', async () => {
    const [layer] = registry.add('lab/x', '1', ['right']);
    const bytes = Buffer.from(layer?.bytes ?? '');
    bytes[bytes.length - 9] = (bytes.at(-9) ?? 0) ^ 1;
    registry.blobs.set(layer?.digest ?? '', bytes);
    await expect(pull(`${registry.host}/lab/x:1`)).rejects.toThrow(/a layer came damaged: its digest is/);
    expect(await stored()).toEqual({ layers: 0, work: 0 });
  });

  it('is refused when a layer is longer than said', async () => {
    const [layer] = registry.add('lab/x', '1', ['right']);
    registry.blobs.set(layer?.digest ?? '', Buffer.concat([layer?.bytes ?? Buffer.alloc(0), Buffer.alloc(9)]));
    await expect(pull(`${registry.host}/lab/x:1`)).rejects.toThrow(/is larger than its manifest says/);
  });

  it('is refused when a manifest asked for by digest is another one', async () => {
    registry.add('lab/x', '1', ['right']);
    const digest = `sha256:${'0'.repeat(64)}`;
    const stands = registry.manifests.get('lab/x:1');
    if (stands !== undefined) registry.manifests.set(`lab/x:${digest}`, stands);
    await expect(pull(`${registry.host}/lab/x@${digest}`)).rejects.toThrow(
      `manifest verification failed for digest ${digest}`,
    );
  });

  it('is refused when a manifest is larger than 4 MiB', async () => {
    registry.put('lab/x', '1', MEDIA.dockerManifest, { fill: 'x'.repeat(4 * 1024 * 1024) });
    await expect(pull(`${registry.host}/lab/x:1`)).rejects.toThrow('the manifest is larger than 4194304 bytes');
  });
});

describe('authorization', () => {
  const CREDENTIALS = { ...ANONYMOUS, username: 'me', password: 'secret' };

  /** Asks for tokens of a service on the same server. */
  function wantTokens(realm: string): string[] {
    const asked: string[] = [];
    registry.intercept = (request, response) => {
      if (request.url?.startsWith('/token') === true) {
        asked.push(`${request.method} ${decodeURIComponent(request.url)} ${request.headers.authorization ?? ''}`);
        response.end(JSON.stringify({ token: 'T', expires_in: 300 }));
        return true;
      }
      if (request.headers.authorization === 'Bearer T') return false;
      response.setHeader('WWW-Authenticate', `Bearer realm="${realm}",service="lab"`);
      refuse(response, 401, 'UNAUTHORIZED', 'authentication required');
      return true;
    };
    return asked;
  }

  it('is a token for the repository, fetched once for all layers', async () => {
    registry.add('lab/x', '1', ['one', 'two', 'three', 'four']);
    const asked = wantTokens(`http://${registry.host}/token`);
    await pull(`${registry.host}/lab/x:1`, { credentials: CREDENTIALS });
    const basic = Buffer.from('me:secret').toString('base64');
    expect(asked).toEqual([`GET /token?service=lab&scope=repository:lab/x:pull&account=me Basic ${basic}`]);
  });

  it('is a token by a refresh token when that is what there is', async () => {
    registry.add('lab/x', '1', ['one']);
    const asked = wantTokens(`http://${registry.host}/token`);
    await pull(`${registry.host}/lab/x:1`, { credentials: { ...ANONYMOUS, identityToken: 'R' } });
    expect(asked).toEqual(['POST /token ']);
  });

  it('never goes to a token service without TLS', async () => {
    wantTokens('http://tokens.example/token');
    const pulling = pull(`${registry.host}/lab/x:1`, { credentials: CREDENTIALS });
    await expect(pulling).rejects.toThrow(
      'the token service http://tokens.example is not asked: it does not use https',
    );
  });

  it('never goes along with a redirect to another host', async () => {
    await using other = await FakeRegistry.start();
    const [layer] = registry.add('lab/x', '1', ['one']);
    other.add('lab/x', '1', ['one']);
    registry.intercept = (request, response) => {
      if (request.headers.authorization === undefined) {
        response.setHeader('WWW-Authenticate', 'Basic realm="lab"');
        refuse(response, 401, 'UNAUTHORIZED', 'authentication required');
      } else if (isBlob(request, layer?.digest)) {
        response.writeHead(307, { Location: `http://${other.host}/v2/lab/x/blobs/${layer?.digest ?? ''}` }).end();
      } else return false;
      return true;
    };
    await pull(`${registry.host}/lab/x:1`, { credentials: CREDENTIALS });
    expect(other.requests).toHaveLength(1);
    expect(other.authorizations).toEqual(['']);
  });

  it('that is missing is told with the command that helps', async () => {
    registry.intercept = (_request, response) => {
      response.setHeader('WWW-Authenticate', 'Basic realm="lab"');
      refuse(response, 401, 'UNAUTHORIZED', 'authentication required');
      return true;
    };
    const host = registry.host;
    await expect(pull(`${host}/lab/x:1`)).rejects.toMatchObject({
      message: 'no basic auth credentials',
      hint: `gantry login ${host}`,
    });
    await expect(pull(`${host}/lab/x:1`, { credentials: CREDENTIALS })).rejects.toMatchObject({
      code: 'registry/denied',
      message:
        `pull access denied for ${host}/lab/x, repository does not exist or may require 'docker login': ` +
        'unauthorized: authentication required',
      hint: `gantry login ${host}`,
    });
  });
});

describe('the way to a registry', () => {
  it('is a mirror for docker.io, and never with its credentials', async () => {
    registry.add('library/x', '1', ['one']);
    const env = { GANTRY_REGISTRY_MIRRORS: `http://${registry.host}` };
    await pull('x:1', { env, credentials: { ...ANONYMOUS, username: 'me', password: 'secret' } });
    expect(areas.images.inspect('x:1').RepoTags).toEqual(['x:1']);
    expect(new Set(registry.authorizations)).toEqual(new Set(['']));
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
    const transfer = transferStore(areas.store, { GANTRY_CONFIG: areas.data });
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
  expect(await searchIndex({ GANTRY_CONFIG: areas.data }, asked)).toEqual([{ ...found, is_automated: false }, other]);
  await expect(searchIndex({ GANTRY_CONFIG: areas.data }, { ...asked, term: `${registry.host}/x` })).rejects.toThrow(
    'Unexpected status code 404',
  );
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
  const env = { GANTRY_CONFIG: areas.data };
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
  expect(areas.images.inspect(name)).toMatchObject({
    Architecture: 'arm64',
    RepoDigests: [`${registry.host}/lab/x@${digest}`],
  });
  await expect(pull(name, { platform: 'linux/s390x' })).rejects.toThrow(
    'no matching manifest for linux/s390x in the manifest list entries',
  );
});
