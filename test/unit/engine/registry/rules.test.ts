// The rules by which registries are found and asked, as tables.
import { describe, expect, it } from 'vitest';
import { parseChallenges } from '../../../../src/engine/registry/challenge.ts';
import { credentialsOf } from '../../../../src/engine/registry/credentials.ts';
import { endpointsOf } from '../../../../src/engine/registry/endpoints.ts';
import { answerFailure } from '../../../../src/engine/registry/failures.ts';
import { parseManifest } from '../../../../src/engine/registry/manifest.ts';
import { choosePlatform, parsePlatform, platformText } from '../../../../src/engine/registry/platform.ts';
import { proxyFor } from '../../../../src/engine/registry/proxy.ts';
import type { RegistrySettings } from '../../../../src/engine/registry/settings.ts';

const SETTINGS: RegistrySettings = {
  mirrors: ['https://mirror.example/cache/'],
  insecure: ['plain.example:5000', '10.1.0.0/16'],
  certificates: [],
  caFile: '',
  proxies: { http: '', https: '', none: '' },
};

describe('challenges', () => {
  it.each([
    ['Basic realm="x"', [{ scheme: 'basic', parameters: { realm: 'x' } }]],
    [
      'Bearer realm="https://a/token",service="reg",scope="repository:x:pull,push"',
      [{ scheme: 'bearer', parameters: { realm: 'https://a/token', service: 'reg', scope: 'repository:x:pull,push' } }],
    ],
    [
      'Negotiate, BASIC Realm="a \\"b\\", c"',
      [
        { scheme: 'negotiate', parameters: {} },
        { scheme: 'basic', parameters: { realm: 'a "b", c' } },
      ],
    ],
    ['Bearer realm=https://a/t', [{ scheme: 'bearer', parameters: { realm: 'https://a/t' } }]],
    ['', []],
    ['"', []],
  ])('%s', (header, challenges) => {
    expect(parseChallenges(header)).toEqual(challenges);
  });
});

describe('places to ask', () => {
  it.each([
    ['docker.io', false, ['https://mirror.example/cache', 'https://registry-1.docker.io']],
    ['docker.io', true, ['https://registry-1.docker.io']],
    ['quay.io', false, ['https://quay.io']],
    ['localhost:5000', false, ['https://localhost:5000', 'http://localhost:5000']],
    ['127.9.9.9:1', false, ['https://127.9.9.9:1', 'http://127.9.9.9:1']],
    ['[::1]:5000', true, ['https://[::1]:5000', 'http://[::1]:5000']],
    ['plain.example:5000', false, ['https://plain.example:5000', 'http://plain.example:5000']],
    ['plain.example:5001', false, ['https://plain.example:5001']],
    ['10.1.2.3:5000', false, ['https://10.1.2.3:5000', 'http://10.1.2.3:5000']],
    ['10.2.2.3:5000', false, ['https://10.2.2.3:5000']],
    ['localhost.example', false, ['https://localhost.example']],
  ])('%s, write %s', (domain, write, bases) => {
    expect(endpointsOf(SETTINGS, domain, { write }).map(({ base }) => base)).toEqual(bases);
  });

  it('refuses a mirror without TLS that is not said to be insecure', () => {
    const settings = { ...SETTINGS, mirrors: ['http://mirror.example'] };
    expect(() => endpointsOf(settings, 'docker.io', {})).toThrow(
      'registry-mirrors: http://mirror.example is plain http',
    );
  });
});

describe('proxies', () => {
  const PROXIES = { http: 'plain.proxy:3128', https: 'http://u:p@tls.proxy:8080', none: '' };
  it.each([
    ['https://quay.io/v2/', '', 'http://u:p@tls.proxy:8080/'],
    ['http://quay.io/v2/', '', 'http://plain.proxy:3128/'],
    ['http://localhost:5000/', '', undefined],
    ['http://127.1.2.3:5000/', '', undefined],
    ['https://[::1]/', '', undefined],
    ['https://quay.io/', 'quay.io', undefined],
    ['https://cdn.quay.io/', ' QUAY.io ', undefined],
    ['https://notquay.io/', 'quay.io', 'http://u:p@tls.proxy:8080/'],
    ['https://quay.io/', '.quay.io', 'http://u:p@tls.proxy:8080/'],
    ['https://cdn.quay.io/', '*.quay.io', undefined],
    ['https://quay.io:444/', 'quay.io:443', 'http://u:p@tls.proxy:8080/'],
    ['https://quay.io/', 'quay.io:443', undefined],
    ['https://10.1.2.3/', '10.0.0.0/8', undefined],
    ['https://10.1.2.3/', '10.1.2.4', 'http://u:p@tls.proxy:8080/'],
    ['https://[fd00::1]/', 'fd00::/8', undefined],
    ['https://quay.io/', '*', undefined],
  ])('%s without %s', (url, none, proxy) => {
    expect(proxyFor({ ...PROXIES, none }, new URL(url))?.href).toBe(proxy);
  });

  it('names no password when it cannot be used', () => {
    expect(() => proxyFor({ ...PROXIES, https: 'socks5://u:secret@p:1' }, new URL('https://quay.io'))).toThrow(
      'this proxy cannot be used: socks5://p:1',
    );
  });
});

describe('platforms', () => {
  it.each([
    ['linux/amd64', 'linux/amd64'],
    ['aarch64', 'linux/arm64'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/v6', 'linux/arm/v6'],
    ['linux/x86_64', 'linux/amd64'],
  ])('%s is %s', (text, canonical) => {
    expect(platformText(parsePlatform(text))).toBe(canonical);
  });

  it.each([
    ['linux/arm/v7', ['linux/arm/v5', 'linux/arm/v6', 'linux/amd64'], 'linux/arm/v6'],
    ['linux/arm/v6', ['linux/arm/v7', 'linux/arm/v5'], 'linux/arm/v5'],
    ['linux/arm64', ['linux/arm/v7', 'linux/arm64'], 'linux/arm64'],
    ['linux/amd64', ['unknown/unknown', 'linux/arm64'], undefined],
    ['linux/amd64', ['windows/amd64', 'linux/amd64'], 'linux/amd64'],
  ])('%s of %j is %s', (wanted, list, found) => {
    const entries = list.map((text) => ({ platform: parsePlatform(text) }));
    const chosen = choosePlatform(entries, parsePlatform(wanted));
    expect(chosen === undefined ? undefined : platformText(chosen.platform)).toBe(found);
  });

  it('refuses what is none', () => {
    expect(() => parsePlatform('linux/a b')).toThrow(/invalid component/);
  });
});

describe('manifests', () => {
  const blob = { digest: `sha256:${'a'.repeat(64)}`, size: 1, mediaType: '' };
  it.each([
    ['[]', 'it is no object'],
    ['{', 'the manifest is no JSON'],
    [JSON.stringify({ schemaVersion: 1 }), 'schema 1'],
    [JSON.stringify({ config: blob, layers: [], manifests: [] }), 'both of one image and of several'],
    [
      JSON.stringify({ config: blob, layers: [{ ...blob, digest: 'sha256:../../etc/passwd' }] }),
      'a digest is no sha256',
    ],
    [JSON.stringify({ config: blob, layers: [{ ...blob, size: -1 }] }), 'a size is no number'],
    [JSON.stringify({ config: blob, layers: Array.from({ length: 501 }, () => blob) }), 'missing or too long'],
  ])('%.60s is refused', (text, message) => {
    expect(() => parseManifest(text, '')).toThrow(message);
  });
});

describe('failures', () => {
  const asked = { domain: 'docker.io', name: 'x', tag: '1' };
  it.each([
    [
      404,
      [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }],
      'manifest for x:1 not found: manifest unknown: manifest unknown',
    ],
    [
      401,
      [{ code: 'DENIED', message: 'requested access to the resource is denied' }],
      "pull access denied for x, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
    ],
    [429, [], 'toomanyrequests: the registry asks to wait'],
    [502, [], 'docker.io: received unexpected HTTP status: 502: status 502'],
  ])('%d', (status, problems, message) => {
    expect(answerFailure(status, problems, asked).message).toBe(message);
  });
});

it.each([
  ['base64', { username: 'a', password: 'b?>' }],
  ['base64url', { auth: Buffer.from('a:b?>').toString('base64') }],
] as const)('reads credentials in %s', (encoding, value) => {
  const header = Buffer.from(JSON.stringify(value)).toString(encoding);
  expect(credentialsOf(header)).toMatchObject({ username: 'a', password: 'b?>' });
  expect(credentialsOf('no json')).toMatchObject({ username: '' });
});
