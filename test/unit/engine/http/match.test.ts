import { expect, test } from 'vitest';
import { checkVersion, compareVersions, matchRoute, parseTarget } from '../../../../src/engine/http/match.ts';

const find = (method: string, url: string): ReturnType<typeof matchRoute> => matchRoute(method, parseTarget(url));

test.each([
  ['GET', '/containers/json', 'containerList', {}],
  ['GET', '/v1.41/containers/json?all=1', 'containerList', {}],
  ['GET', '/containers//web/json', 'containerInspect', { id: 'web' }],
  ['GET', '/containers/%2Fweb/json', 'containerInspect', { id: 'web' }],
  ['POST', '/v1.24/containers/create?name=x', 'containerCreate', {}],
  ['GET', '/images/localhost:5000/a/b:1/json', 'imageInspect', { name: 'localhost:5000/a/b:1' }],
  ['GET', '/images/localhost%3A5000%2Fa%2Fb%3A1/json', 'imageInspect', { name: 'localhost:5000/a/b:1' }],
  ['DELETE', '/images/a/b@sha256:00', 'imageRemove', { name: 'a/b@sha256:00' }],
  ['GET', '/networks/', 'networkList', {}],
  ['GET', '/networks/my%20net', 'networkInspect', { id: 'my net' }],
  ['HEAD', '/_ping', 'pingHead', {}],
  ['POST', 'http://docker/v1.40/exec/abc/start', 'execStart', { id: 'abc' }],
])('%s %s is %s', (method, url, name, params) => {
  expect(find(method, url)).toMatchObject({ name, params });
});

test.each([
  ['GET', '/nowhere'],
  ['POST', '/containers/json'],
  ['GET', '/containers/a/b/json'],
  ['GET', '/v1/containers/json'],
  ['DELETE', '/images/'],
])('%s %s is no route', (method, url) => {
  expect(find(method, url)).toBeUndefined();
});

test('a broken escape is a bad request', () => {
  expect(() => find('GET', '/containers/%zz/json')).toThrow('invalid URL escape');
});

test('versions are compared by number', () => {
  expect(compareVersions('1.9', '1.24')).toBeLessThan(0);
  expect(compareVersions('1.44', '1.44')).toBe(0);
  expect(compareVersions('2.0', '1.51')).toBeGreaterThan(0);
});

test.each([
  ['1.52', 'client version 1.52 is too new. Maximum supported API version is 1.51'],
  [
    '1.23',
    'client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
  ],
])('version %s is refused in words that clients match', (version, message) => {
  expect(() => checkVersion(version)).toThrow(message);
});

test.each(['1.24', '1.51'])('version %s is served', (version) => {
  expect(() => checkVersion(version)).not.toThrow();
});
