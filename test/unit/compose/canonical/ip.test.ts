// Addresses as node:net knows them.
import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIp } from '../../../../src/compose/canonical/ip.ts';

const PARTS = ['1', '255', '256', '01', 'ffff', '12345', ':', '::', '.', '%eth0', 'g', ''];

describe('isIp', () => {
  it('agrees with node:net', () => {
    const text = fc.oneof(
      fc.ipV4(),
      fc.ipV6(),
      fc.array(fc.constantFrom(...PARTS), { maxLength: 16 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(text, (address) => {
        expect(isIp(address)).toBe(isIP(address) !== 0);
      }),
      { numRuns: 2000 },
    );
  });
});
