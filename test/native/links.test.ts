// Bridges, endpoints and their removal by netlink, without engine or shim.
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { encodeRecord, type ValuesOf } from '../../src/engine/shim/codec.ts';
import { NET_OPS, PLAN, STEPS } from '../../src/engine/shim/records.ts';
import { macBytes } from '../../src/engine/networks/link-names.ts';
import { buildHarness } from '../support/network-lab.ts';
import { Netns } from '../support/netns.ts';
import { requireTool } from '../support/require.ts';

const GROUP = 4711;
const EINVAL = 22;
const ENODEV = 19;
const EEXIST = 17;

let harness: string;
let host: Netns;
let inside: Netns;

beforeAll(async () => {
  harness = await buildHarness();
});
beforeEach(async () => {
  host = await Netns.create('links');
  inside = await Netns.create('peer');
});
afterEach(async () => {
  await inside[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

async function ops(...records: readonly Buffer[]): Promise<string> {
  return (await host.run(harness, ['ops'], { input: Buffer.concat(records) })).stdout.trim();
}

function bridge(values: Partial<ValuesOf<typeof NET_OPS.bridgeAdd>> = {}): Buffer {
  const standard = {
    name: 'br-test',
    mac: macBytes('02:42:ac:1e:00:01'),
    mtu: 1400,
    group: GROUP,
    address: '172.30.0.1/16',
    address6: '',
  };
  return encodeRecord(NET_OPS.bridgeAdd, { ...standard, ...values });
}

async function endpoint(netns: Netns, values: Partial<ValuesOf<typeof PLAN.endpoint>> = {}): Promise<string> {
  const standard = {
    ifname: 'eth0',
    hostIf: 'vethtest',
    bridge: 'br-test',
    group: GROUP,
    mac: macBytes('02:42:ac:1e:00:02'),
    mtu: 1400,
    address: '172.30.0.2/16',
    gateway: '172.30.0.1',
    address6: '',
    gateway6: '',
    flags: 0,
  };
  const plan = encodeRecord(PLAN.endpoint, { ...standard, ...values });
  return (await host.run(harness, ['endpoint', netns.path], { input: plan })).stdout.trim();
}

const failure = (step: (typeof STEPS)[number], errno: number, path: string): string =>
  `${STEPS.indexOf(step)} ${errno} ${path}`;

describe('a bridge', () => {
  it('is made, addressed and up; asking again changes nothing', async () => {
    expect(await ops(bridge())).toBe('');
    expect(await ops(bridge())).toBe('');
    const link = await host.check('ip', ['-d', 'addr', 'show', 'br-test']);
    expect(link).toMatch(/mtu 1400 .* group 4711/);
    expect(link).toContain('link/ether 02:42:ac:1e:00:01');
    expect(link.match(/inet /g)).toHaveLength(1);
    expect(link).not.toContain('inet6');
  });

  it('is refused with a name, group or address that can not be', async () => {
    expect(await ops(bridge({ name: '../evil' }))).toBe(failure('bridge', EINVAL, '../evil'));
    expect(await ops(bridge({ name: 'a'.repeat(16) }))).toBe(failure('bridge', EINVAL, 'a'.repeat(16)));
    expect(await ops(bridge({ group: 0 }))).toBe(failure('bridge', EINVAL, 'br-test'));
    expect(await ops(bridge({ address: '172.30.0.1/33' }))).toBe(failure('address', EINVAL, 'br-test'));
    expect(await ops(bridge({ mac: new Uint8Array(5) }))).toBe(failure('bridge', EINVAL, 'br-test'));
  });

  it('never takes over a link of another kind', async () => {
    await host.check('ip', ['link', 'add', 'br-test', 'type', 'veth', 'peer', 'name', 'other']);
    expect(await ops(bridge())).toMatch(new RegExp(`^${STEPS.indexOf('bridge')} `));
  });
});

describe('an endpoint', () => {
  it('has its name, MAC, address and route from the start, and a host end on the bridge', async () => {
    await ops(bridge());
    expect(await endpoint(inside)).toBe('');
    const own = await inside.check('ip', ['addr', 'show', 'eth0']);
    expect(own).toMatch(/mtu 1400/);
    expect(own).toContain('link/ether 02:42:ac:1e:00:02');
    expect(own).toContain('inet 172.30.0.2/16 brd 172.30.255.255 scope global eth0');
    expect(await inside.check('ip', ['route', 'show', 'default'])).toBe('default via 172.30.0.1 dev eth0 \n');
    const other = await host.check('ip', ['-d', 'link', 'show', 'vethtest']);
    expect(other).toMatch(/master br-test .* group 4711/);
    expect(other).toContain('hairpin on');
    expect(other).toContain('isolated off');
  });

  it('announces its address, so that neighbours forget an earlier owner', async () => {
    await ops(bridge());
    await endpoint(inside);
    await inside.check('ip', [
      'neigh',
      'replace',
      '172.30.0.3',
      'lladdr',
      '02:42:00:00:00:01',
      'dev',
      'eth0',
      'nud',
      'reachable',
    ]);
    await using next = await Netns.create('next');
    await endpoint(next, { hostIf: 'vethnext', mac: macBytes('02:42:00:00:00:02'), address: '172.30.0.3/16' });
    expect(await inside.check('ip', ['neigh', 'show', '172.30.0.3'])).toContain('02:42:00:00:00:02');
  });

  it('says what failed', async () => {
    expect(await endpoint(inside)).toBe(failure('bridge', ENODEV, 'br-test'));
    await ops(bridge());
    expect(await endpoint(inside, { group: 0 })).toBe(failure('link', EINVAL, 'eth0'));
    expect(await endpoint(inside, { address: 'nonsense' })).toBe(failure('address', EINVAL, 'eth0'));
    expect(await endpoint(inside)).toBe(failure('link', EEXIST, 'vethtest'));
  });

  it('goes from either end', async () => {
    await ops(bridge());
    await endpoint(inside);
    await host.check(harness, ['endpoint-del', inside.path, 'eth0']);
    expect(await host.check('ip', ['-o', 'link', 'show', 'master', 'br-test'])).toBe('');
  });
});

describe('removal', () => {
  it('of a group takes the bridge and all its endpoints, and no other link', async () => {
    await ops(bridge(), bridge({ name: 'br-other', group: GROUP + 1, address: '172.31.0.1/16' }));
    await endpoint(inside);
    expect(await ops(encodeRecord(NET_OPS.groupDel, { group: GROUP }))).toBe('');
    const names = (await host.check('ip', ['-o', 'link']))
      .trim()
      .split('\n')
      .map((line) => line.split(': ')[1]);
    expect(names).toEqual(['lo', 'br-other']);
    expect(await ops(encodeRecord(NET_OPS.groupDel, { group: GROUP }))).toBe('');
  });

  it('of group 0, which every link of the host is in, is refused', async () => {
    expect(await ops(encodeRecord(NET_OPS.groupDel, { group: 0 }))).toBe(failure('link', EINVAL, 'group 0'));
    expect(await host.check('ip', ['-o', 'link'])).toContain('lo');
  });

  it('of a link that is not there is fine', async () => {
    expect(await ops(encodeRecord(NET_OPS.linkDel, { name: 'br-none' }))).toBe('');
  });
});

describe('operations', () => {
  it('that are cut short or unknown are refused, behind those before them', async () => {
    expect(await ops(bridge(), Buffer.from([9, 0, 0, 0, 0, 0, 0, 0]))).toMatch(
      new RegExp(`^${STEPS.indexOf('plan')} `),
    );
    expect(await host.check('ip', ['-o', 'link'])).toContain('br-test');
    expect(await ops(bridge().subarray(0, 20))).toMatch(new RegExp(`^${STEPS.indexOf('plan')} `));
  });

  it('make the guard anew without a gap, and take it away', async () => {
    const [add, del] = [
      encodeRecord(NET_OPS.guardAdd, { table: 'gantry-t' }),
      encodeRecord(NET_OPS.guardDel, { table: 'gantry-t' }),
    ];
    expect(await ops(add, add)).toBe('');
    const nft = requireTool('nft', 'apt-get install nftables');
    if (nft !== undefined) {
      const rules = await host.check(nft, ['list', 'table', 'ip', 'gantry-t']);
      expect(rules.match(/drop/g)).toHaveLength(2);
    }
    expect(await ops(del, del)).toBe('');
    if (nft !== undefined) expect(await host.check(nft, ['list', 'tables'])).toBe('');
  });
});
