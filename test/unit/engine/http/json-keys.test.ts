import { expect, test } from 'vitest';
import { canonicalKeys } from '../../../../src/engine/http/json-keys.ts';

test('known keys get their spelling at every depth', () => {
  expect(canonicalKeys({ image: 'x', hostconfig: { portbindings: { '80/tcp': [{ hostport: '1' }] } } })).toEqual({
    Image: 'x',
    HostConfig: { PortBindings: { '80/tcp': [{ HostPort: '1' }] } },
  });
});

test('keys that users choose are left alone, what stands below them is not', () => {
  const body = {
    Labels: { cmd: 'a', Image: 'b' },
    NetworkingConfig: { EndpointsConfig: { name: { aliases: ['x'] } } },
    HostConfig: { LogConfig: { type: 'json-file', Config: { mode: 'x' } } },
  };
  expect(canonicalKeys(body)).toEqual({
    Labels: { cmd: 'a', Image: 'b' },
    NetworkingConfig: { EndpointsConfig: { name: { Aliases: ['x'] } } },
    HostConfig: { LogConfig: { Type: 'json-file', Config: { mode: 'x' } } },
  });
});

test('the exact spelling wins over others', () => {
  expect(canonicalKeys({ cmd: ['a'], Cmd: ['b'] })).toEqual({ cmd: ['a'], Cmd: ['b'] });
});

test('a key __proto__ is data', () => {
  const value = canonicalKeys(JSON.parse('{"Labels":{"__proto__":"x"}}')) as { Labels: object };
  expect(Object.keys(value.Labels)).toEqual(['__proto__']);
  expect(Object.getPrototypeOf(value.Labels)).toBe(Object.prototype);
});

test('nesting has a limit', () => {
  let value: unknown = 1;
  for (let depth = 0; depth < 100; depth += 1) value = [value];
  expect(() => canonicalKeys(value)).toThrow('nested too deeply');
});
