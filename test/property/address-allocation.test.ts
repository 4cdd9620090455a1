// No address and no port is ever held twice, whatever is taken and given back in whatever order.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Allocations } from '../../src/engine/networks/allocations.ts';
import { contains, parsePrefix } from '../../src/engine/networks/cidr.ts';
import { defineNetwork } from '../../src/engine/networks/define.ts';
import type { NetworkSpec, PortSpec } from '../../src/engine/networks/types.ts';

const network: NetworkSpec = defineNetwork(
  {
    id: 'a'.repeat(64),
    name: 'net',
    driver: 'bridge',
    pools: [{ subnet: '10.9.0.0/28', gateway: '', ipRange: '', auxiliary: ['10.9.0.5'] }],
    internal: false,
    options: {},
    isDefault: false,
  },
  { tag: '', networks: [], hostPrefixes: [] },
);

const step = fc.oneof(
  fc.record({
    kind: fc.constant('take' as const),
    who: fc.nat(20),
    address: fc.constantFrom('', '', '', '10.9.0.7', '10.9.0.8'),
  }),
  fc.record({ kind: fc.constant('release' as const), who: fc.nat(20) }),
  fc.record({
    kind: fc.constant('ports' as const),
    who: fc.nat(20),
    hostIp: fc.constantFrom('', '127.0.0.1', '10.0.0.1', '::1'),
    hostPort: fc.constantFrom('', '80', '8000-8003'),
  }),
);

describe('allocations', () => {
  it('never give an address twice, nor one that is reserved or outside', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const allocations = new Allocations({
          range: [50000, 50010],
          reserved: new Set([50003]),
          ipv6: true,
          inUse: () => new Set(),
        });
        const ports = new Map<string, readonly PortSpec[]>();
        for (const one of steps) {
          const containerId = one.who.toString(16).padStart(64, '0');
          try {
            if (one.kind === 'take') allocations.allocateEndpoint({ ...WISH, containerId, address: one.address });
            else if (one.kind === 'ports')
              ports.set(containerId, [
                ...(ports.get(containerId) ?? []),
                ...allocations.allocatePorts(containerId, [{ ...PORT, ...one }], ''),
              ]);
            else {
              allocations.release(containerId);
              ports.delete(containerId);
            }
          } catch (error) {
            expect(String(error)).toMatch(/already in use|no available|already allocated/);
          }
          checkAddresses(allocations);
          checkPorts([...ports.values()].flat());
        }
      }),
    );
  });
});

const WISH = { network, ifname: 'eth0', address6: '', mac: '', names: [], gatewayPriority: 0 };
const PORT = { containerPort: 80, proto: 'tcp' as const };

function checkAddresses(allocations: Allocations): void {
  const held = allocations.endpointsOf(network.id).map(({ address }) => address);
  expect(new Set(held).size).toBe(held.length);
  for (const address of held) {
    expect(contains(parsePrefix(network.subnet), address)).toBe(true);
    expect(['10.9.0.0', '10.9.0.1', '10.9.0.5', '10.9.0.15']).not.toContain(address);
  }
}

function checkPorts(ports: readonly PortSpec[]): void {
  const family = ({ hostIp }: PortSpec): string => (hostIp.includes(':') ? '6' : '4');
  const any = ({ hostIp }: PortSpec): boolean => hostIp === '0.0.0.0' || hostIp === '::';
  ports.forEach((one, index) => {
    for (const other of ports.slice(index + 1)) {
      const same = one.hostPort === other.hostPort && family(one) === family(other);
      expect(same && (one.hostIp === other.hostIp || any(one) || any(other))).toBe(false);
    }
    expect(one.hostPort).not.toBe(50003);
  });
}
