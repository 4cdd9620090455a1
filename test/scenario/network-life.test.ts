// What networks do over time: rules that vanish come back, a killed daemon changes nothing, networks keep apart, and
// stale connections do not outlive what they led to.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { NetworkLab, type LabContainer } from '../support/network-lab.ts';
import type { Netns } from '../support/netns.ts';

let lab: NetworkLab | undefined;

afterEach(async () => {
  await lab?.[Symbol.asyncDispose]();
  lab = undefined;
});

async function makeLab(backend: 'nft' | 'legacy' = 'nft', bridgeNf: '0' | '1' = '0'): Promise<NetworkLab> {
  lab = await NetworkLab.create({ backend, bridgeNf });
  return lab;
}

async function reaches(netns: Netns, target: string): Promise<boolean> {
  return (await netns.run('curl', ['-sf', '--max-time', '0.5', `http://${target}/`])).status === 0;
}

const port = (containerPort: number, hostPort: string, proto: 'tcp' | 'udp' = 'tcp') =>
  ({ containerPort, hostPort, proto, hostIp: '' }) as const;

describe.each(['nft', 'legacy'] as const)('rules of iptables-%s', (backend) => {
  it('that somebody flushed are written again, all of them', async () => {
    const { host, neighbour, ...rest } = await publishedWeb(backend);
    const before = ownRules(await host.check(`iptables-${backend}-save`, []));
    for (const table of ['filter', 'nat', 'raw']) await host.check(`iptables-${backend}`, ['-t', table, '-F']);
    expect(await reaches(neighbour, '10.99.0.1:8080')).toBe(false);
    await eventually(async () => {
      const after = ownRules(await host.check(`iptables-${backend}-save`, []));
      return JSON.stringify(after) === JSON.stringify(before) ? true : undefined;
    });
    expect(await reaches(neighbour, '10.99.0.1:8080')).toBe(true);
    expect(await reaches(neighbour, `${rest.web.address}:80`)).toBe(false);
  });

  it('stay the same over a restart of the daemon, without doubles', async () => {
    const { host, neighbour, lab: made } = await publishedWeb(backend);
    const before = ownRules(await host.check(`iptables-${backend}-save`, []));
    await made.restartDriver();
    expect(ownRules(await host.check(`iptables-${backend}-save`, []))).toEqual(before);
    expect(await reaches(neighbour, '10.99.0.1:8080')).toBe(true);
  });
});

async function publishedWeb(
  backend: 'nft' | 'legacy',
): Promise<{ host: Netns; neighbour: Netns; web: LabContainer; lab: NetworkLab }> {
  const made = await makeLab(backend);
  const front = await made.network('front');
  const web = await made.container({ name: 'web', networks: [front], ports: [port(80, '8080')] });
  await made.serve(web.netns, 80, 'served');
  await made.neighbour.check('ip', ['route', 'add', '172.16.0.0/12', 'via', made.address]);
  expect(await reaches(made.neighbour, '10.99.0.1:8080')).toBe(true);
  return { host: made.host, neighbour: made.neighbour, web, lab: made };
}

function ownRules(saved: string): readonly string[] {
  return saved
    .split('\n')
    .filter((line) => line.includes('GANTRY') && !line.startsWith(':'))
    .sort();
}

describe('networks keep apart', () => {
  it('from each other, whichever way a container tries', async () => {
    const made = await makeLab();
    const [one, other] = [await made.network('one'), await made.network('other')];
    const a = await made.container({ name: 'a', networks: [one] });
    const b = await made.container({ name: 'b', networks: [other] });
    const both = await made.container({ name: 'both', networks: [one, other] });
    for (const { netns } of [a, b, both]) await made.serve(netns, 80, 'x');
    expect(await reaches(a.netns, `${b.address}:80`)).toBe(false);
    expect(await reaches(a.netns, `${both.address}:80`)).toBe(true);
    expect(await reaches(both.netns, `${b.address}:80`)).toBe(true);
  });

  it.each(['0', '1'] as const)('inside without icc, but for published ports (bridge-nf %s)', async (bridgeNf) => {
    const made = await makeLab('nft', bridgeNf);
    const alone = await made.network('alone', { options: { 'com.docker.network.bridge.enable_icc': 'false' } });
    const a = await made.container({ name: 'a', networks: [alone] });
    const b = await made.container({ name: 'b', networks: [alone], ports: [port(80, '8080')] });
    await made.serve(b.netns, 80, 'x');
    expect(await reaches(a.netns, `${b.address}:80`)).toBe(false);
    expect(await reaches(a.netns, '10.99.0.1:8080')).toBe(true);
    expect(await reaches(made.neighbour, '10.99.0.1:8080')).toBe(true);
  });

  it('from everything outside when they are internal', async () => {
    const made = await makeLab();
    const inner = await made.network('inner', { internal: true });
    const a = await made.container({ name: 'a', networks: [inner], ports: [port(80, '8080')] });
    const b = await made.container({ name: 'b', networks: [inner] });
    await made.serve(a.netns, 80, 'x');
    await made.serve(made.neighbour, 90, 'outside');
    await made.neighbour.check('ip', ['route', 'add', '172.16.0.0/12', 'via', made.address]);
    expect(await reaches(b.netns, `${a.address}:80`)).toBe(true);
    await b.netns.check('ip', ['route', 'add', 'default', 'via', inner.gateway]);
    expect(await reaches(b.netns, '10.99.0.2:90')).toBe(false);
    expect(await reaches(made.neighbour, `${a.address}:80`)).toBe(false);
    expect(await reaches(made.neighbour, '10.99.0.1:8080')).toBe(false);
  });
});

describe.each(['nft', 'legacy'] as const)('two engines on a host (iptables-%s)', (backend) => {
  it('neither reach into nor take down each other', async () => {
    const made = await makeLab(backend);
    await using other = await made.beside();
    const mine = await made.network('net');
    const theirs = await other.network('net');
    expect(theirs.subnet).not.toBe(mine.subnet);
    expect([theirs.bridge, theirs.group]).not.toEqual([mine.bridge, mine.group]);
    const web = await made.container({ name: 'web', networks: [mine], ports: [port(80, '8080')] });
    const app = await other.container({ name: 'app', networks: [theirs], ports: [port(80, '9090')] });
    for (const { netns } of [web, app]) await made.serve(netns, 80, 'x');
    expect(await reaches(made.neighbour, '10.99.0.1:8080')).toBe(true);
    expect(await reaches(made.neighbour, '10.99.0.1:9090')).toBe(true);
    expect(await reaches(web.netns, '10.99.0.1:9090')).toBe(true);
    expect(await reaches(web.netns, `${app.address}:80`)).toBe(false);
    expect(await reaches(app.netns, `${web.address}:80`)).toBe(false);
    await made.end(web);
    await made.removeNetwork(mine);
    expect(await reaches(made.neighbour, '10.99.0.1:9090')).toBe(true);
    expect(await reaches(made.host, '127.0.0.1:9090')).toBe(true);
    await other.end(app);
    await other.removeNetwork(theirs);
    expect(await made.host.check(`iptables-${backend}-save`, [])).not.toContain('GANTRY');
  });
});

describe('leftovers', () => {
  it('of UDP connections go when a port moves to another container', async () => {
    const made = await makeLab();
    const front = await made.network('front');
    const answer = (text: string): string =>
      `const s=require('dgram').createSocket('udp4');s.on('message',(m,r)=>s.send('${text}',r.port,r.address));s.bind(53,()=>console.log('up'));process.stdin.on('end',()=>process.exit()).resume()`;
    const ask = (patience: number): string =>
      `const s=require('dgram').createSocket('udp4');s.bind(5000,()=>s.send('q',5353,'10.99.0.1'));s.on('message',(m)=>{console.log(String(m));s.close()});setTimeout(()=>{console.log('silence');process.exit()},${patience}).unref()`;
    const first = await made.container({ name: 'first', networks: [front], ports: [port(53, '5353', 'udp')] });
    const child = await made.background(first.netns, process.execPath, ['-e', answer('first')]);
    expect(await made.neighbour.check(process.execPath, ['-e', ask(20_000)])).toBe('first\n');
    child.stdin?.end();
    await made.end(first);
    // its namespace would have ended with it: the next one gets the same address, and only one may answer for it
    await first.netns.check('ip', ['link', 'set', 'eth0', 'down']);
    expect(await made.neighbour.check(process.execPath, ['-e', ask(700)])).toBe('silence\n');
    const second = await made.container({ name: 'second', networks: [front], ports: [port(53, '5354', 'udp')] });
    await made.background(second.netns, process.execPath, ['-e', answer('second')]);
    const moved = { ...second.net, ports: second.net.ports.map((one) => ({ ...one, hostPort: 5353 })) };
    await made.driver('publish', moved, [front]);
    expect(await made.neighbour.check(process.execPath, ['-e', ask(20_000)])).toBe('second\n');
  });

  it('of files of containers and networks that are no more go at a restart', async () => {
    const made = await makeLab();
    const front = await made.network('front');
    const web = await made.container({ name: 'web', networks: [front], links: [{ name: 'db', address: '10.0.0.1' }] });
    const list = async (): Promise<readonly string[]> => (await readdir(join(made.dir, 'run/net'))).sort();
    expect(await list()).toEqual(
      [`${front.id.slice(0, 12)}.names`, `${web.net.id.slice(0, 12)}.links`, 'forwarding.json'].sort(),
    );
    await made.end(web);
    await made.restartDriver();
    expect(await list()).toEqual([`${front.id.slice(0, 12)}.names`]);
    expect(await made.host.check('iptables-nft-save', [])).not.toContain('GANTRY');
  });
});

describe('the host', () => {
  it('that forwarded already goes on doing so', async () => {
    const made = await makeLab();
    await made.host.sysctl('net.ipv4.ip_forward', '1');
    const front = await made.network('front');
    await made.removeNetwork(front);
    expect(await made.host.check('cat', ['/proc/sys/net/ipv4/ip_forward'])).toBe('1\n');
    expect(await made.host.check('iptables-nft-save', [])).not.toContain(':FORWARD DROP');
  });

  it('is told when the other backend drops what containers send', async () => {
    const made = await makeLab('nft');
    await made.host.check('iptables-nft', ['-A', 'INPUT', '-j', 'ACCEPT']);
    await made.host.check('iptables-nft', ['-A', 'INPUT', '-j', 'ACCEPT']);
    await made.host.check('iptables-legacy', ['-P', 'FORWARD', 'DROP']);
    await made.network('front');
    const told = await eventually(async () => ((await made.warnings()).length === 0 ? undefined : made.warnings()));
    expect(told).toMatchObject([
      { code: 'networks/forward-drop', hint: '/usr/sbin/iptables-legacy -P FORWARD ACCEPT' },
    ]);
  });
});

describe('an endpoint', () => {
  it('has no IPv6, heeds no router, and leaves with its group in one request', async () => {
    const made = await makeLab();
    const front = await made.network('front');
    const containers = await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => made.container({ name, networks: [front] })),
    );
    for (const { netns } of containers) {
      expect(await netns.check('ip', ['-6', 'addr', 'show', 'dev', 'eth0'])).toBe('');
      expect(await netns.check('cat', ['/proc/sys/net/ipv6/conf/eth0/accept_ra'])).toBe('0\n');
      expect(await netns.check('ip', ['route', 'show', 'default'])).toBe(`default via ${front.gateway} dev eth0 \n`);
    }
    for (const container of containers) await made.end(container);
    await made.removeNetwork(front);
    expect(await made.host.check('ip', ['-o', 'link', 'show', 'group', String(front.group)])).toBe('');
  });
});

describe('a network with IPv6', () => {
  it('publishes, isolates and reaches out in both families, and leaves nothing', async () => {
    const made = await makeLab();
    await made.host.sysctl('net.ipv6.conf.all.forwarding', '0');
    await made.host.check('ip', ['addr', 'add', 'fd99::1/64', 'dev', 'lan0', 'nodad']);
    await made.neighbour.check('ip', ['addr', 'add', 'fd99::2/64', 'dev', 'lan0', 'nodad']);
    await made.neighbour.check('ip', ['route', 'add', 'fd18::/64', 'via', 'fd99::1']);
    const pools = [{ subnet: 'fd18::/64', gateway: '', ipRange: '', auxiliary: [] }];
    const dual = await made.network('dual', { pools });
    const web = await made.container({ name: 'web', networks: [dual], ports: [port(80, '8080')] });
    const friend = await made.container({ name: 'friend', networks: [dual] });
    const address6 = web.net.endpoints[0]?.address6 ?? '';
    expect(address6).toBe('fd18::2');
    await made.serve(web.netns, 80, 'served', '::');
    await made.serve(made.neighbour, 90, 'outside', '::');
    for (const target of ['127.0.0.1', '[::1]', '10.99.0.1', '[fd99::1]', '[fd18::1]']) {
      expect([target, await reaches(made.host, `${target}:8080`)]).toEqual([target, true]);
    }
    expect(await reaches(made.neighbour, '[fd99::1]:8080')).toBe(true);
    expect(await reaches(friend.netns, '[fd99::1]:8080')).toBe(true);
    expect(await reaches(friend.netns, `[${address6}]:80`)).toBe(true);
    expect(await reaches(friend.netns, '[fd99::2]:90')).toBe(true);
    expect(await reaches(made.neighbour, `[${address6}]:80`)).toBe(false);
    expect(await made.host.check('ip6tables-nft-save', [])).toContain('GANTRY');
    for (const container of [web, friend]) await made.end(container);
    await made.removeNetwork(dual);
    const saved = await made.host.check('ip6tables-nft-save', []);
    expect(saved).not.toContain('GANTRY');
    expect(saved).not.toContain(':FORWARD DROP');
    expect(await made.host.check('cat', ['/proc/sys/net/ipv6/conf/all/forwarding'])).toBe('0\n');
  });
});
