// Where a published port answers, and where it must not: from every side, with bridged packets passing iptables or not.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import type { Netns } from '../support/netns.ts';
import { listenIn } from '../support/listener.ts';
import { Stage } from '../support/stage.ts';

const COMPOSE = `
services:
  web:
    image: busybox
    command: ["sh", "-c", "mkdir /www; echo served >/www/index.html; exec httpd -f -p 80 -h /www"]
    ports: ["8080:80"]
  client:
    image: busybox
    command: ["sleep", "1000"]
`;

describe.each([{ bridgeNf: '0' as const }, { bridgeNf: '1' as const }])(
  'a published port with bridge-nf-call-iptables=$bridgeNf',
  ({ bridgeNf }) => {
    let stage: Stage;
    let neighbour: Netns;
    let address: string;

    beforeAll(async () => {
      stage = await Stage.create(`ports${bridgeNf}`, { bridgeNf });
      await stage.importBusybox();
      const beside = await stage.neighbour();
      neighbour = beside.netns;
      address = beside.join.address;
      await stage.write('compose.yaml', COMPOSE);
      await stage.ok(['-p', 'ports', 'up', '-d']);
      await eventually(async () => fetchFrom(stage.host, '127.0.0.1'));
    });
    afterAll(async () => {
      await stage.ok(['-p', 'ports', 'down', '-t', '0']);
      await stage[Symbol.asyncDispose]();
    });

    async function fetchFrom(netns: Netns, host: string): Promise<string> {
      return netns.check('curl', ['-sf', '--max-time', '2', `http://${host}:8080/`]);
    }

    async function inClient(url: string): Promise<string> {
      return stage.ok(['-p', 'ports', 'exec', '-T', 'client', 'timeout', '3', 'wget', '-q', '-O', '-', url]);
    }

    async function gateway(): Promise<string> {
      const route = await stage.ok(['-p', 'ports', 'exec', '-T', 'client', 'ip', 'route']);
      return /default via (\S+)/.exec(route)?.[1] ?? '';
    }

    it.each(['127.0.0.1', '[::1]'])('answers on the host at %s', async (host) => {
      expect(await fetchFrom(stage.host, host)).toBe('served\n');
    });

    it("answers at the bridge's gateway address and at the host's own", async () => {
      expect(await fetchFrom(stage.host, await gateway())).toBe('served\n');
      expect(await fetchFrom(stage.host, address)).toBe('served\n');
    });

    it('answers a neighbour', async () => {
      expect(await fetchFrom(neighbour, address)).toBe('served\n');
    });

    it('answers a container, and its own container, through the host', async () => {
      expect(await inClient(`http://${address}:8080/`)).toBe('served\n');
      expect(await inClient(`http://${await gateway()}:8080/`)).toBe('served\n');
      expect(
        await stage.ok([
          '-p',
          'ports',
          'exec',
          '-T',
          'web',
          'timeout',
          '3',
          'wget',
          '-q',
          '-O',
          '-',
          `http://${address}:8080/`,
        ]),
      ).toBe('served\n');
    });

    it("does not let a neighbour reach the container's own address", async () => {
      const found = await stage.ok(['-p', 'ports', 'exec', '-T', 'web', 'hostname', '-i']);
      await neighbour.check('ip', ['route', 'replace', '172.16.0.0/12', 'via', address]);
      expect((await neighbour.run('curl', ['-s', '--max-time', '1', `http://${found.trim()}/`])).status).not.toBe(0);
    });

    it("does not let a container reach the host's loopback, also after the raw table was flushed", async () => {
      await using _listener = await listenIn(stage.host, '127.0.0.1', 5432);
      expect(await stage.host.check('curl', ['-s', '--http0.9', 'http://127.0.0.1:5432/'])).toBe('secret');
      const route = `ip route del local 127.0.0.0/8 table local; ip route replace 127.0.0.1/32 via ${await gateway()}`;
      const probe = `${route}; timeout 2 nc 127.0.0.1 5432 </dev/null`;
      const attempt = async (): Promise<string> =>
        (await stage.gantry(['-p', 'ports', 'exec', '-T', '--privileged', 'client', 'sh', '-c', probe])).stdout;
      expect(await attempt()).toBe('');
      await stage.host.check('iptables', ['-t', 'raw', '-F']);
      expect(await attempt()).toBe('');
    });

    it('is refused to the neighbour once its DNAT rule is deleted: no proxy stands in', async () => {
      const rules = (await stage.host.check('iptables-save', ['-t', 'nat']))
        .split('\n')
        .filter((line) => line.startsWith('-A') && line.includes('DNAT') && line.includes('8080'));
      expect(rules.length).toBeGreaterThan(0);
      for (const rule of rules)
        await stage.host.check('iptables', ['-t', 'nat', ...rule.replace('-A', '-D').split(' ')]);
      const refused = await neighbour.run('curl', ['-s', '--max-time', '2', `http://${address}:8080/`]);
      expect(refused.status).toBe(7); // curl's "connection refused"
    });
  },
);
