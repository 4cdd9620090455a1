import { describe, expect, it } from 'vitest';
import {
  bridgeName,
  guardTable,
  hostIfName,
  linkGroup,
  macBytes,
  macOf,
} from '../../../../src/engine/networks/link-names.ts';
import { nameEntries, renderNames } from '../../../../src/engine/networks/name-table.ts';
import { chainNames } from '../../../../src/engine/networks/rules.ts';
import { container, network } from './samples.ts';

const ID = 'abcdef0123456789'.repeat(4);

describe('link names', () => {
  it('fit the kernel and follow from ids', () => {
    expect(bridgeName(ID, false, '')).toBe('br-abcdef012345');
    expect(bridgeName(ID, true, '')).toBe('gantry0');
    expect(bridgeName(ID, true, 'a1b2c3')).toBe('gantry-a1b2c3');
  });

  it('of host ends are new at each start, since the old ones vanish late', () => {
    expect(hostIfName()).toMatch(/^veth[0-9a-f]{11}$/);
    expect(hostIfName()).not.toBe(hostIfName());
  });

  it('take no id that is not hexadecimal', () => {
    expect(() => bridgeName('-j ACCEPT', false, '')).toThrow('network id');
  });

  it('give each network a group of its own, never 0', () => {
    const group = linkGroup(ID, new Set());
    expect(group).toBeGreaterThan(0);
    expect(group).toBeLessThan(2 ** 31);
    expect(linkGroup(ID, new Set([group, group + 1]))).toBe(group + 2);
  });

  it('make the MAC from the address', () => {
    expect(macOf('172.18.0.2')).toBe('02:42:ac:12:00:02');
    expect([...macBytes('02:42:ac:12:00:02')]).toEqual([2, 0x42, 172, 18, 0, 2]);
    expect(() => macBytes('02:42')).toThrow('MAC address');
  });

  it('keep two engines apart in tables and chains of at most 28 bytes', () => {
    expect(guardTable('')).not.toBe(guardTable('a1b2c3'));
    const [one, other] = [Object.values(chainNames('')), Object.values(chainNames('a1b2c3'))] as string[][];
    expect(one?.filter((name) => other?.includes(name))).toEqual([]);
    for (const name of other ?? []) expect(name.length).toBeLessThanOrEqual(28);
  });
});

describe('a name table', () => {
  const endpoint = { ...container.endpoints[0], networkId: network.id, names: ['web', 'Alias', '0123456789ab'] };

  it('names a container with its network first, then each name bare', () => {
    const entries = nameEntries(network, [endpoint as (typeof container.endpoints)[number]]);
    expect(renderNames(entries).split('\n')).toEqual([
      'gantry-names 1',
      'web.front 172.18.0.2',
      'alias.front 172.18.0.2',
      '0123456789ab.front 172.18.0.2',
      'web 172.18.0.2',
      'alias 172.18.0.2',
      '0123456789ab 172.18.0.2',
      '',
    ]);
  });

  it('leaves out what no question can name, and double lines', () => {
    const entries = ['a b', 'new\nline', '', 'x'.repeat(254), 'ok.', 'OK'].map((name) => ({
      name,
      address: '10.0.0.1',
    }));
    expect(renderNames(entries)).toBe('gantry-names 1\nok 10.0.0.1\n');
    expect(renderNames([], ['/run/a.names'])).toBe('gantry-names 1\n+/run/a.names\n');
  });
});
