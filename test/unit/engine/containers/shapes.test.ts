import { expect, test } from 'vitest';
import { CREATE_BODY, EXEC_BODY } from '../../../../src/engine/containers/shapes.ts';
import { checkShape } from '../../../../src/engine/http/shape.ts';

test.each([
  [{ Image: 5 }, 'body.Image must be a string'],
  [{ Cmd: ['a', 1] }, 'body.Cmd[1] must be a string'],
  [{ Cmd: {} }, 'body.Cmd must be a list of strings'],
  [{ Env: 'A=1' }, 'body.Env must be a list'],
  [{ Cmd: ['a\0b'] }, 'body.Cmd[0] must be a string without NUL'],
  [{ Labels: { a: 1 } }, 'body.Labels.a must be a string'],
  [{ HostConfig: [] }, 'body.HostConfig must be an object'],
  [{ HostConfig: { Memory: '1g' } }, 'body.HostConfig.Memory must be a number'],
  [{ HostConfig: { Memory: 1.5 } }, 'body.HostConfig.Memory must be a whole number'],
  [
    { HostConfig: { PortBindings: { '80/tcp': [{ HostPort: 80 }] } } },
    'body.HostConfig.PortBindings.80/tcp[0].HostPort must be a string',
  ],
  [
    { HostConfig: { Mounts: [{ BindOptions: { CreateMountpoint: 1 } }] } },
    'body.HostConfig.Mounts[0].BindOptions.CreateMountpoint must be a boolean',
  ],
  [
    { NetworkingConfig: { EndpointsConfig: { n: { Aliases: 'x' } } } },
    'body.NetworkingConfig.EndpointsConfig.n.Aliases must be a list',
  ],
  [[], 'body must be an object'],
])('%j is refused', (body, words) => expect(() => checkShape(body, CREATE_BODY, 'body')).toThrow(words));

test.each([
  { Cmd: 'one string', Entrypoint: null, Env: null, Labels: null, Unknown: { deep: [1] } },
  { HostConfig: { PortBindings: { '80/tcp': null, '81/tcp': [] }, Init: null, LogConfig: { Type: '', Config: null } } },
  { NetworkingConfig: { EndpointsConfig: { a: null, b: { IPAMConfig: null } } }, ExposedPorts: { '80': {} } },
])('%j passes', (body) => expect(() => checkShape(body, CREATE_BODY, 'body')).not.toThrow());

test('an exec without a body passes', () => expect(() => checkShape(null, EXEC_BODY, 'body')).not.toThrow());
