// What interfaces are called, and what they cannot be called.
import { expect, it } from 'vitest';
import type { EndpointConfig } from '../../../../src/api/containers.ts';
import { interfaceNames } from '../../../../src/engine/containers/interface-names.ts';

const called = (name: string): EndpointConfig => ({ DriverOpts: { 'com.docker.network.endpoint.ifname': name } });

it('those that ask for none get eth0, eth1 … without the names that are taken', () => {
  expect(interfaceNames([{}, called('eth0'), called(''), called('lan.5'), {}])).toEqual([
    ...['eth1', 'eth0', 'eth2', 'lan.5', 'eth3'],
  ]);
});

it.each(['lo', '.', '..', 'all', 'default', 'a/b', 'a b', 'a:1', 'veth%d', 'sixteencharacter'])(
  '%s is no name',
  (name) => {
    expect(() => interfaceNames([called(name)])).toThrow(`invalid interface name ${JSON.stringify(name)}`);
  },
);

it('two cannot be called the same', () => {
  expect(() => interfaceNames([called('lan'), called('lan')])).toThrow('cannot both be called lan');
});
