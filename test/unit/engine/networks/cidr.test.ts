import { describe, expect, it } from 'vitest';
import {
  contains,
  formatAddress,
  formatPrefix,
  overlaps,
  parseAddress,
  parsePrefix,
} from '../../../../src/engine/networks/cidr.ts';

describe('prefixes', () => {
  it.each([
    ['172.18.5.6/16', '172.18.0.0/16'],
    ['10.0.0.0/8', '10.0.0.0/8'],
    ['192.168.1.1/32', '192.168.1.1/32'],
    ['0.0.0.0/0', '0.0.0.0/0'],
    ['fd00:1:2:3::9/64', 'fd00:1:2:3::/64'],
    ['::ffff:1.2.3.4/128', '::ffff:102:304/128'],
  ])('reads %s as %s', (text, canonical) => {
    expect(formatPrefix(parsePrefix(text))).toBe(canonical);
  });

  it.each(['172.18.0.0', '172.18.0.0/33', '172.18.0/16', 'fd00::/129', '/16', '1.2.3.4/16/8', '1.2.3.4/ 8', 'x'])(
    'refuses %j',
    (text) => {
      expect(() => parsePrefix(text)).toThrow('invalid prefix');
    },
  );

  it('writes IPv6 addresses in their shortest form', () => {
    expect(formatAddress(6, parseAddress('2001:db8:0:0:1:0:0:1'))).toBe('2001:db8::1:0:0:1');
    expect(formatAddress(6, 0n)).toBe('::');
    expect(formatAddress(6, 1n)).toBe('::1');
  });

  it('tells what overlaps and what lies inside', () => {
    expect(overlaps(parsePrefix('172.16.0.0/12'), parsePrefix('172.31.255.0/24'))).toBe(true);
    expect(overlaps(parsePrefix('172.17.0.0/16'), parsePrefix('172.18.0.0/16'))).toBe(false);
    expect(overlaps(parsePrefix('0.0.0.0/0'), parsePrefix('::/0'))).toBe(false);
    expect(contains(parsePrefix('172.18.0.0/16'), '172.18.255.255')).toBe(true);
    expect(contains(parsePrefix('172.18.0.0/16'), '172.19.0.0')).toBe(false);
    expect(contains(parsePrefix('172.18.0.0/16'), 'fd00::1')).toBe(false);
  });
});
