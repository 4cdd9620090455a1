// Who reaches whom: published ports from every side and everything that must stay closed, for both backends of iptables,
// with bridged frames passing iptables or not.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NetworkLab, type LabContainer } from '../support/network-lab.ts';
import type { Netns } from '../support/netns.ts';
import { requireTool } from '../support/require.ts';
import type { NetworkSpec } from '../../src/engine/networks/types.ts';

const CASES = (['nft', 'legacy'] as const).flatMap((backend) =>
  (['0', '1'] as const).map((bridgeNf) => ({ backend, bridgeNf })),
);
const REFUSED = 7;

async function fetchFrom(netns: Netns, target: string): Promise<string> {
  return netns.check('curl', ['-sf', '--max-time', '2', `http://${target}/`]);
}

async function failureFrom(netns: Netns, target: string): Promise<number> {
  return (await netns.run('curl', ['-sf', '--max-time', '0.5', `http://${target}/`])).status;
}

const UDP_ECHO = `const s=require('dgram').createSocket('udp4');s.on('message',(m,r)=>s.send('re:'+m,r.port,r.address));s.bind(53,()=>console.log('up'));process.stdin.on('end',()=>process.exit()).resume()`;

/** Sends a datagram and gives what came back within half a second. */
async function echoFrom(netns: Netns, address: string): Promise<string> {
  const family = address.includes(':') ? 'udp6' : 'udp4';
  const script = `const s=require('dgram').createSocket('${family}');s.on('message',(m,r)=>{console.log(m+' '+r.address+' '+r.port);s.close()});s.send('x',5353,'${address}');setTimeout(()=>process.exit(),500).unref()`;
  return (await netns.check(process.execPath, ['-e', script])).trim();
}

describe.each(CASES)(
  'networks by iptables-$backend with bridge-nf-call-iptables=$bridgeNf',
  ({ backend, bridgeNf }) => {
    let lab: NetworkLab;
    let front: NetworkSpec;
    let back: NetworkSpec;
    let web: LabContainer;
    let friend: LabContainer;
    let stranger: LabContainer;

    beforeAll(async () => {
      lab = await NetworkLab.create({ backend, bridgeNf });
      front = await lab.network('front');
      back = await lab.network('back');
      web = await lab.container({
        name: 'web',
        networks: [front],
        ports: [
          { containerPort: 80, proto: 'tcp', hostIp: '', hostPort: '8080' },
          { containerPort: 53, proto: 'udp', hostIp: '', hostPort: '5353' },
        ],
      });
      friend = await lab.container({ name: 'friend', networks: [front] });
      stranger = await lab.container({ name: 'stranger', networks: [back] });
      await lab.serve(web.netns, 80, 'served');
      await lab.serve(web.netns, 81, 'unpublished');
      await lab.background(web.netns, process.execPath, ['-e', UDP_ECHO]);
      await lab.neighbour.check('ip', ['route', 'add', '172.16.0.0/12', 'via', lab.address]);
    });
    afterAll(async () => lab[Symbol.asyncDispose]());

    it('uses the backend that holds rules', async () => {
      const other = backend === 'nft' ? 'legacy' : 'nft';
      expect(await lab.host.check(`iptables-${backend}-save`, [])).toContain('GANTRY');
      expect((await lab.host.run(`iptables-${other}-save`, [])).stdout).not.toContain('GANTRY');
    });

    it.each(['127.0.0.1', '[::1]', '10.99.0.1'])('answers the host at %s', async (address) => {
      expect(await fetchFrom(lab.host, `${address}:8080`)).toBe('served');
    });

    it("answers at the bridge's gateway address", async () => {
      expect(await fetchFrom(lab.host, `${front.gateway}:8080`)).toBe('served');
    });

    it('answers a neighbour', async () => {
      expect(await fetchFrom(lab.neighbour, '10.99.0.1:8080')).toBe('served');
    });

    it('answers containers through the host: its own, one beside it, one of another network', async () => {
      for (const { netns } of [web, friend, stranger]) {
        expect(await fetchFrom(netns, '10.99.0.1:8080')).toBe('served');
        expect(await fetchFrom(netns, `${front.gateway}:8080`)).toBe('served');
      }
    });

    it('answers datagrams from the address they were sent to', async () => {
      for (const address of ['127.0.0.1', '::1', '10.99.0.1', front.gateway]) {
        expect(await echoFrom(lab.host, address)).toBe(`re:x ${address} 5353`);
      }
      expect(await echoFrom(lab.neighbour, '10.99.0.1')).toBe('re:x 10.99.0.1 5353');
      for (const { netns } of [web, friend, stranger])
        expect(await echoFrom(netns, '10.99.0.1')).toBe('re:x 10.99.0.1 5353');
    });

    it('lets containers of a network meet on any port, and reach the outside', async () => {
      expect(await fetchFrom(friend.netns, `${web.address}:81`)).toBe('unpublished');
      await lab.serve(lab.neighbour, 90, 'outside');
      expect(await fetchFrom(friend.netns, '10.99.0.2:90')).toBe('outside');
    });

    it("keeps others from a container's own address, published or not", async () => {
      for (const netns of [lab.neighbour, stranger.netns]) {
        for (const port of [80, 81]) expect(await failureFrom(netns, `${web.address}:${port}`)).not.toBe(0);
      }
    });

    it("keeps containers from the host's loopback, also when the raw table was emptied", async () => {
      await lab.serve(lab.host, 5432, 'secret', '127.0.0.1');
      await friend.netns.check('ip', ['addr', 'flush', 'dev', 'lo']);
      await friend.netns.check('ip', [
        'route',
        'add',
        '127.0.0.1/32',
        'via',
        front.gateway,
        'dev',
        'eth0',
        'src',
        friend.address,
      ]);
      await friend.netns.sysctl('net.ipv4.conf.eth0.route_localnet', '1');
      expect(await failureFrom(friend.netns, '127.0.0.1:5432')).not.toBe(0);
      await lab.host.check(`iptables-${backend}`, ['-t', 'raw', '-F']);
      expect(await failureFrom(friend.netns, '127.0.0.1:5432')).not.toBe(0);
      await lab.removeGuard();
      // with neither guard the way is open: the probe above proves something
      expect(await fetchFrom(friend.netns, '127.0.0.1:5432')).toBe('secret');
      await lab.restartDriver();
      expect(await failureFrom(friend.netns, '127.0.0.1:5432')).not.toBe(0);
    });

    it('is refused to the neighbour once its DNAT rule is deleted: no proxy stands in', async () => {
      const saved = await lab.host.check(`iptables-${backend}-save`, ['-t', 'nat']);
      const rules = saved.split('\n').filter((line) => line.startsWith('-A') && line.includes('--to-destination'));
      expect(rules).toHaveLength(2);
      for (const rule of rules)
        await lab.host.check(`iptables-${backend}`, ['-t', 'nat', ...rule.replace('-A', '-D').split(' ')]);
      expect(await failureFrom(lab.neighbour, '10.99.0.1:8080')).toBe(REFUSED);
      await lab.restartDriver();
      expect(await fetchFrom(lab.neighbour, '10.99.0.1:8080')).toBe('served');
    });

    it('leaves no rule, link, table or changed sysctl behind', async () => {
      for (const container of [web, friend, stranger]) await lab.end(container);
      for (const network of [front, back]) await lab.removeNetwork(network);
      for (const program of ['iptables-nft-save', 'iptables-legacy-save']) {
        const saved = await lab.host.check(program, []);
        expect(saved).not.toContain('GANTRY');
        expect(saved).not.toContain(':FORWARD DROP');
      }
      const nft = requireTool('nft', 'apt-get install nftables');
      if (nft !== undefined) expect(await lab.host.check(nft, ['list', 'tables'])).not.toContain('gantry');
      expect(await lab.host.check('cat', ['/proc/sys/net/ipv4/ip_forward'])).toBe('0\n');
      const links = await lab.host.check('ip', ['-o', 'link']);
      expect(links.split('\n').map((line) => line.split(': ')[1]?.split('@')[0])).toEqual(['lo', 'lan0', undefined]);
    });
  },
);
