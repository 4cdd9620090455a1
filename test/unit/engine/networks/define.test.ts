import { describe, expect, it } from 'vitest';
import { defineNetwork, type NetworkRequest, type PoolRequest } from '../../../../src/engine/networks/define.ts';
import { network } from './samples.ts';

const AROUND = { tag: '', networks: [network], hostPrefixes: ['172.17.0.1/16', '10.0.0.0/8'] };
const pool = (values: Partial<PoolRequest>): PoolRequest => ({
  subnet: '',
  gateway: '',
  ipRange: '',
  auxiliary: [],
  ...values,
});

function request(values: Partial<NetworkRequest> = {}): NetworkRequest {
  const id = 'ab'.repeat(32);
  return { id, name: 'net', driver: 'bridge', pools: [], internal: false, options: {}, isDefault: false, ...values };
}

describe('a new network', () => {
  it('gets the next free pool, its first address as gateway, and names of its own', () => {
    expect(defineNetwork(request(), AROUND)).toMatchObject({
      subnet: '172.19.0.0/16',
      gateway: '172.19.0.1',
      bridge: 'br-abababababab',
      mac: '02:42:ac:13:00:01',
      mtu: 1500,
      icc: true,
      masquerade: true,
      hostIp: '',
    });
    const { group } = defineNetwork(request(), AROUND);
    expect(defineNetwork(request(), { ...AROUND, networks: [{ ...network, group }] }).group).toBe(group + 1);
  });

  it('takes what was asked for, in one form', () => {
    const pools = [
      pool({ subnet: '10.5.0.9/16', gateway: '10.5.0.254', ipRange: '10.5.9.0/24', auxiliary: ['10.5.0.7'] }),
      pool({ subnet: 'FD00:5::/64' }),
    ];
    expect(defineNetwork(request({ pools }), AROUND)).toMatchObject({
      subnet: '10.5.0.0/16',
      gateway: '10.5.0.254',
      ipRange: '10.5.9.0/24',
      subnet6: 'fd00:5::/64',
      gateway6: 'fd00:5::1',
      reserved: ['10.5.0.7'],
    });
  });

  it("reads Docker's driver options", () => {
    const options = {
      'com.docker.network.bridge.enable_icc': 'false',
      'com.docker.network.bridge.enable_ip_masquerade': '0',
      'com.docker.network.driver.mtu': '1400',
      'com.docker.network.bridge.host_binding_ipv4': '127.0.0.1',
    };
    expect(defineNetwork(request({ options }), AROUND)).toMatchObject({
      icc: false,
      masquerade: false,
      mtu: 1400,
      hostIp: '127.0.0.1',
    });
  });

  it.each(['-j ACCEPT', 'a\nb', '', '../x', 'a b', '.hidden', `${'x'.repeat(300)}/`])('can not be named %j', (name) => {
    expect(() => defineNetwork(request({ name }), AROUND)).toThrow('invalid network name');
  });

  it.each(['host', 'none', 'bridge'])('can not be named as the predefined %s', (name) => {
    expect(() => defineNetwork(request({ name }), AROUND)).toThrow('predefined');
  });

  it.each([
    [{ subnet: '172.18.5.0/24' }, 'Pool overlaps'],
    [{ subnet: '10.6.0.0/16', gateway: '10.7.0.1' }, 'no matching subnet for gateway'],
    [{ subnet: '10.6.0.0/16', ipRange: '10.7.0.0/24' }, 'no matching subnet for range'],
    [{ subnet: '10.6.0.0/24', ipRange: '10.6.0.0/16' }, 'no matching subnet for range'],
    [{ subnet: '10.6.0.0/32' }, 'no room for a gateway'],
    [{ gateway: '10.6.0.1' }, 'a gateway needs a subnet'],
    [{ subnet: 'x' }, 'invalid prefix'],
  ])('can not have %j', (values, words) => {
    expect(() => defineNetwork(request({ pools: [pool(values)] }), AROUND)).toThrow(words);
  });

  it.each([
    ['com.docker.network.driver.mtu', '70000'],
    ['com.docker.network.driver.mtu', '1e3'],
    ['com.docker.network.bridge.enable_icc', 'maybe'],
  ])('can not have %s = %s', (key, value) => {
    expect(() => defineNetwork(request({ options: { [key]: value } }), AROUND)).toThrow(`invalid value for ${key}`);
  });

  it('of host or none has no links and no addresses', () => {
    expect(defineNetwork(request({ name: 'plain', driver: 'host' }), AROUND)).toMatchObject({
      subnet: '',
      bridge: '',
      group: 0,
    });
  });
});
