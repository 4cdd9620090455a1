// Pulls from a registry that misbehaves, against a real image store: what breaks is taken up again or told, and nothing
// half is left.
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ANONYMOUS } from '../../src/engine/registry/credentials.ts';
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
    expect(await lab.stored()).toEqual({ layers: 1, work: 0 });
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
    expect(await lab.stored()).toEqual({ layers: 1, work: 0 });
  });

  it('leaves whole layers, which the next try does not fetch again', async () => {
    const [first, second] = registry.add('lab/x', '1', ['one', 'two']);
    registry.intercept = (request, response) => {
      if (!isBlob(request, second?.digest)) return false;
      if (registry.fetches(first?.digest ?? '') === 0 || lab.said.every((line) => !line.endsWith('Pull complete'))) {
        setTimeout(() => refuse(response, 404, 'BLOB_UNKNOWN', 'gone'), 200);
      } else refuse(response, 404, 'BLOB_UNKNOWN', 'gone');
      return true;
    };
    await expect(pull(`${registry.host}/lab/x:1`)).rejects.toThrow(/not found|unknown/);
    expect(lab.areas.images.list(new Map(), { noneTags: false })).toEqual([]);
    registry.intercept = () => false;
    await pull(`${registry.host}/lab/x:1`);
    expect(registry.fetches(first?.digest ?? '')).toBe(1);
    expect(await lab.stored()).toEqual({ layers: 2, work: 0 });
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
    expect(await lab.stored()).toEqual({ layers: 0, work: 0 });
  });
});

describe('what is not what it should be', () => {
  it('is refused by its digest, and gone', async () => {
    const [layer] = registry.add('lab/x', '1', ['right']);
    const bytes = Buffer.from(layer?.bytes ?? '');
    bytes[bytes.length - 9] = (bytes.at(-9) ?? 0) ^ 1;
    registry.blobs.set(layer?.digest ?? '', bytes);
    await expect(pull(`${registry.host}/lab/x:1`)).rejects.toThrow(/a layer came damaged: its digest is/);
    expect(await lab.stored()).toEqual({ layers: 0, work: 0 });
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
