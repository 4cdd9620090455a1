import { expect, test } from 'vitest';
import { checkPorts, portMap, portRequests, portSummaries } from '../../../../src/engine/containers/ports.ts';

test('bindings become requests; none and empty mean any port', () => {
  const host = {
    PortBindings: {
      '80/tcp': [{ HostPort: '8080' }, { HostIp: '127.0.0.1', HostPort: '' }],
      '53/udp': null,
      '81/tcp': [],
    },
  };
  expect(portRequests({}, host)).toEqual([
    { containerPort: 80, proto: 'tcp', hostIp: '', hostPort: '8080' },
    { containerPort: 80, proto: 'tcp', hostIp: '127.0.0.1', hostPort: '' },
    { containerPort: 53, proto: 'udp', hostIp: '', hostPort: '' },
    { containerPort: 81, proto: 'tcp', hostIp: '', hostPort: '' },
  ]);
});

test('publishing all adds what is exposed and not bound', () => {
  const host = { PublishAllPorts: true, PortBindings: { '80/tcp': [{ HostPort: '1' }] } };
  const requests = portRequests({ ExposedPorts: { '80/tcp': {}, '90/tcp': {} } }, host);
  expect(requests.map(({ containerPort, hostPort }) => [containerPort, hostPort])).toEqual([
    [80, '1'],
    [90, ''],
  ]);
});

test('inspect and ps show both families, and exposed ports as such', () => {
  const config = { ExposedPorts: { '80/tcp': {}, '90/udp': {} } };
  const ports = ['0.0.0.0', '::'].map((hostIp) => ({
    hostIp,
    hostPort: 8080,
    proto: 'tcp' as const,
    containerPort: 80,
  }));
  expect(portMap(config, ports)).toEqual({
    '80/tcp': [
      { HostIp: '0.0.0.0', HostPort: '8080' },
      { HostIp: '::', HostPort: '8080' },
    ],
    '90/udp': null,
  });
  expect(portSummaries(config, ports)).toEqual([
    { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { IP: '::', PrivatePort: 80, PublicPort: 8080, Type: 'tcp' },
    { PrivatePort: 90, Type: 'udp' },
  ]);
});

test.each(['0/tcp', '65536/tcp', '80/sctp', 'x', '80/tcp/x'])('port %s is refused', (key) => {
  expect(() => checkPorts({ ExposedPorts: { [key]: {} } }, {})).toThrow('invalid port specification');
});

test.each(['x', '90000', '5-1', '-1'])('host port %s is refused', (HostPort) => {
  expect(() => checkPorts({}, { PortBindings: { '80/tcp': [{ HostPort }] } })).toThrow('invalid port specification');
});
