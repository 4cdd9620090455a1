import { describe, expect, it } from 'vitest';
import {
  checkSubnet,
  choosePool,
  DEFAULT_POOLS,
  defaultGateway,
  takeAddress,
} from '../../../../src/engine/networks/ipam.ts';

const pool = { subnet: '172.20.0.0/16', range: '', reserved: ['172.20.0.1'], used: new Set<string>() };

describe('pools', () => {
  it("are Docker's, in Docker's order", () => {
    expect(DEFAULT_POOLS.slice(0, 2)).toEqual(['172.17.0.0/16', '172.18.0.0/16']);
    expect(DEFAULT_POOLS.slice(14, 17)).toEqual(['172.31.0.0/16', '192.168.0.0/20', '192.168.16.0/20']);
    expect(DEFAULT_POOLS).toHaveLength(31);
  });

  it('skip what the host or another network uses', () => {
    expect(choosePool([])).toBe('172.17.0.0/16');
    expect(choosePool(['172.17.3.4/24', '172.18.0.1', '172.16.0.0/14'])).toBe('172.20.0.0/16');
    expect(choosePool(['172.16.0.0/12', 'fd00::/8'])).toBe('192.168.0.0/20');
  });

  it('run out with a hint', () => {
    expect(() => choosePool(['0.0.0.0/0'])).toThrow('all predefined address pools have been fully subnetted');
  });

  it('of the user may not overlap another network', () => {
    expect(() => checkSubnet('10.1.0.0/16', [{ name: 'a', subnet: '10.0.0.0/8' }])).toThrow('Pool overlaps');
    expect(() =>
      checkSubnet('10.1.0.0/16', [
        { name: 'a', subnet: '10.2.0.0/16' },
        { name: 'host', subnet: '' },
      ]),
    ).not.toThrow();
  });
});

describe('addresses', () => {
  it('are the lowest free ones behind the gateway', () => {
    expect(defaultGateway('172.20.0.0/16')).toBe('172.20.0.1');
    expect(takeAddress(pool, '')).toBe('172.20.0.2');
    expect(takeAddress({ ...pool, used: new Set(['172.20.0.2', '172.20.0.4']) }, '')).toBe('172.20.0.3');
  });

  it('stay in the range', () => {
    expect(takeAddress({ ...pool, range: '172.20.5.0/24' }, '')).toBe('172.20.5.0');
    expect(takeAddress({ ...pool, range: '172.20.0.0/30', used: new Set(['172.20.0.2']) }, '')).toBe('172.20.0.3');
  });

  it('run out in small subnets without touching net and broadcast address', () => {
    const small = { subnet: '10.0.0.0/30', range: '', reserved: ['10.0.0.1'], used: new Set<string>() };
    expect(takeAddress(small, '')).toBe('10.0.0.2');
    expect(() => takeAddress({ ...small, used: new Set(['10.0.0.2']) }, '')).toThrow('no available');
  });

  it('can be asked for, once', () => {
    expect(takeAddress(pool, '172.20.9.9')).toBe('172.20.9.9');
    expect(() => takeAddress({ ...pool, used: new Set(['172.20.9.9']) }, '172.20.9.9')).toThrow(
      'Address already in use',
    );
    expect(() => takeAddress(pool, '172.20.0.1')).toThrow('Address already in use');
    for (const address of ['172.20.0.0', '172.20.255.255', '172.21.0.1', 'fd00::1']) {
      expect(() => takeAddress(pool, address)).toThrow("does not belong to the network's subnet");
    }
  });

  it('are compared as numbers in IPv6', () => {
    const six = { subnet: 'fd00::/64', range: '', reserved: ['fd00::1'], used: new Set(['fd00:0::2']) };
    expect(takeAddress(six, '')).toBe('fd00::3');
    expect(() => takeAddress(six, 'fd00::0:2')).toThrow('Address already in use');
  });
});
