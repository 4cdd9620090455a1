import { describe, expect, it } from 'vitest';
import { containerRecords, type PlanInput } from '../../../../src/engine/networks/plan.ts';
import { decodeFields } from '../../../../src/engine/shim/codec.ts';
import { DNS_FLAGS, LISTEN_FLAGS, PLAN, type RecordRow } from '../../../../src/engine/shim/records.ts';
import { container, internal, network } from './samples.ts';

const HOST = { servers: ['127.0.0.53', '10.0.0.2', 'fe80::1%eth0', '10.0.0.3', '10.0.0.4'], search: [], options: [] };
const INPUT: PlanInput = { run: '/run/g', container, networks: [network, internal], host: HOST };

/** The decoded records of one row. */
function records(row: RecordRow, input: Partial<PlanInput> = {}): readonly Record<string, unknown>[] {
  return containerRecords({ ...INPUT, ...input })
    .filter((record) => record.readUInt16LE(0) === row.type)
    .map((record) => decodeFields(row, record.subarray(8)));
}

describe('the network part of a launch plan', () => {
  it('has an interface for each network, and one way out', () => {
    expect(records(PLAN.endpoint)).toMatchObject([
      {
        ifname: 'eth0',
        bridge: 'br-111111111111',
        group: 7,
        address: '172.18.0.2/16',
        gateway: '172.18.0.1',
        gateway6: '',
        flags: 0,
      },
      { ifname: 'eth1', bridge: 'br-222222222222', group: 8, address: '172.19.0.2/16', gateway: '' },
    ]);
  });

  it('has no way out of internal networks', () => {
    const alone = { ...container, endpoints: container.endpoints.slice(1) };
    expect(records(PLAN.endpoint, { container: alone })).toMatchObject([{ ifname: 'eth1', gateway: '' }]);
    expect(records(PLAN.dns, { container: alone })).toMatchObject([{ flags: DNS_FLAGS.internal }]);
    expect(records(PLAN.dnsUpstream, { container: alone })).toEqual([]);
    expect(records(PLAN.listen, { container: alone })).toEqual([]);
  });

  it("asks the host's servers from the host, three of them", () => {
    expect(records(PLAN.dns)).toEqual([
      {
        links: '/run/g/net/cccccccccccc.links',
        tables: ['/run/g/net/111111111111.names', '/run/g/net/222222222222.names'],
        flags: 0,
      },
    ]);
    expect(records(PLAN.dnsUpstream)).toEqual(
      ['127.0.0.53', '10.0.0.2', '10.0.0.3'].map((address) => ({ address, fromContainer: 0 })),
    );
  });

  it("asks the container's own servers from inside, in internal networks too", () => {
    const own = {
      ...container,
      dns: { servers: ['1.1.1.1'], search: [], options: ['ndots:2'] },
      endpoints: container.endpoints.slice(1),
    };
    expect(records(PLAN.dnsUpstream, { container: own })).toEqual([{ address: '1.1.1.1', fromContainer: 1 }]);
    expect(records(PLAN.dns, { container: own })).toMatchObject([{ flags: DNS_FLAGS.ndots }]);
  });

  it('reserves IPv4 ports and proxies IPv6 ones', () => {
    const target = { hostPort: 8080, proto: 6, targetIp: '172.18.0.2', targetPort: 80 };
    expect(records(PLAN.listen)).toEqual([
      { ...target, hostIp: '0.0.0.0', flags: 0 },
      { ...target, hostIp: '::', flags: LISTEN_FLAGS.proxy },
    ]);
  });

  it('has a resolver in the default network too, where it knows no names', () => {
    const networks = [{ ...network, isDefault: true }];
    const alone = { ...container, endpoints: container.endpoints.slice(0, 1) };
    expect(records(PLAN.dns, { container: alone, networks })).toMatchObject([{ tables: [] }]);
    expect(records(PLAN.endpoint, { container: alone, networks })).toHaveLength(1);
  });

  it('is nothing for host and none', () => {
    const networks = [{ ...network, driver: 'host' as const }];
    const alone = {
      ...container,
      endpoints: [{ ...container.endpoints[0], address: '' }] as typeof container.endpoints,
    };
    expect(containerRecords({ ...INPUT, container: alone, networks })).toEqual([]);
  });
});
