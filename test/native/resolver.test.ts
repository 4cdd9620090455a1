// The resolver of the net child, asked from inside a container's namespace: names from tables, all else passed on, and
// nothing that a hostile neighbour or server sends is believed.
import { chmod, mkdtemp, readdir, readFile, readlink, rm, writeFile, rename } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ChildProcess } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startProcess } from '../../src/base/process.ts';
import { encodeRecord } from '../../src/engine/shim/codec.ts';
import { DNS_FLAGS, PLAN } from '../../src/engine/shim/records.ts';
import type { ClientQuestion } from '../support/dns-client.ts';
import { DNS_TYPES, type DnsAnswer } from '../support/dns-wire.ts';
import { eventually } from '../support/eventually.ts';
import { buildHarness } from '../support/network-lab.ts';
import { Netns } from '../support/netns.ts';

const CLIENT = fileURLToPath(new URL('../support/dns-client.ts', import.meta.url));
const UPSTREAM = fileURLToPath(new URL('../support/dns-upstream.ts', import.meta.url));
const { A, AAAA, MX, PTR, TXT } = DNS_TYPES;
const TABLE = [
  'gantry-names 1',
  'web.front 172.18.0.2',
  'web 172.18.0.2',
  'six fd00::2',
  ...Array.from({ length: 40 }, (_, index) => `many 10.0.0.${index + 1}`),
  'broken',
  'also not-an-address',
  '',
].join('\n');

let host: Netns;
let inside: Netns;
let dir: string;
let harness: string;
const running: ChildProcess[] = [];

async function start(
  netns: Netns,
  file: string,
  args: readonly string[],
): Promise<ChildProcess & { readonly lines: string[] }> {
  const child = startProcess('nsenter', netns.enter(file, args), { stdio: ['pipe', 'pipe', 'inherit'] });
  running.push(child);
  const lines: string[] = [];
  if (child.stdout === null) throw new Error('no stdout');
  const reader = createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  await once(reader, 'line');
  return Object.assign(child, { lines });
}

interface ResolverOptions {
  readonly upstreams?: readonly string[];
  readonly fromContainer?: boolean;
  readonly flags?: number;
  readonly more?: readonly Buffer[];
}

async function resolver({
  upstreams = [],
  fromContainer = false,
  flags = 0,
  more = [],
}: ResolverOptions): Promise<number> {
  const tables = [join(dir, 'front.names'), join(dir, 'absent.names')];
  const plan = [
    encodeRecord(PLAN.dns, { links: join(dir, 'own.links'), tables, flags }),
    ...upstreams.map((address) => encodeRecord(PLAN.dnsUpstream, { address, fromContainer: fromContainer ? 1 : 0 })),
    ...more,
  ];
  await writeFile(join(dir, 'plan'), Buffer.concat(plan));
  const child = await start(host, harness, ['child', inside.path, join(dir, 'plan')]);
  expect(child.lines[0]).toMatch(/^\d+$/);
  return Number(child.lines[0]);
}

async function ask(...questions: readonly ClientQuestion[]): Promise<readonly (DnsAnswer | null)[]> {
  return JSON.parse(
    await inside.check(process.execPath, [CLIENT, JSON.stringify(questions)]),
  ) as readonly (DnsAnswer | null)[];
}

beforeAll(async () => {
  harness = await buildHarness();
});
afterEach(async () => {
  for (const child of running.splice(0).toReversed()) {
    const gone = child.exitCode === null ? once(child, 'exit') : undefined;
    child.stdin?.end();
    await gone;
  }
  await inside[Symbol.asyncDispose]();
  inside = await fresh();
});
beforeAll(async () => {
  host = await Netns.create('dnshost');
  inside = await fresh();
  dir = await mkdtemp(join(tmpdir(), 'gantry-dns-'));
  await chmod(dir, 0o711);
  await writeFile(join(dir, 'front.names'), TABLE);
  await writeFile(join(dir, 'own.links'), 'gantry-names 1\nweb 192.0.2.9\n');
});
afterAll(async () => {
  await inside[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

async function fresh(): Promise<Netns> {
  return Netns.create('dnsin');
}

describe('names of the network', () => {
  it('are answered in any case, links first, by UDP and TCP', async () => {
    await resolver({});
    const [link, tcp, full, none, six] = await ask(
      { name: 'WeB', type: A },
      { name: 'web', type: A, tcp: true },
      { name: 'web.front', type: A },
      { name: 'web', type: AAAA },
      { name: 'six', type: AAAA },
    );
    expect(link).toMatchObject({ name: 'WeB', rcode: 0, answers: ['192.0.2.9'], ttls: [600], additional: 1 });
    expect(tcp).toMatchObject({ answers: ['192.0.2.9'] });
    expect(full).toMatchObject({ answers: ['172.18.0.2'] });
    expect(none).toMatchObject({ rcode: 0, answers: [] });
    expect(six?.answers).toEqual([`fd${'0'.repeat(29)}2`]);
  });

  it('answer other types with nothing, and addresses with the name', async () => {
    await resolver({});
    const [mx, txt, reverse, reverse6] = await ask(
      { name: 'web', type: MX },
      { name: 'web', type: TXT },
      { name: '2.0.18.172.in-addr.arpa', type: PTR },
      { name: `2.${'0.'.repeat(29)}d.f.ip6.arpa`, type: PTR },
    );
    expect([mx, txt].map((answer) => [answer?.rcode, answer?.answers])).toEqual([
      [0, []],
      [0, []],
    ]);
    expect(reverse?.answers).toEqual(['web.front']);
    expect(reverse6?.answers).toEqual(['six']);
  });

  it('are shuffled, and cut short to what the asker takes', async () => {
    await resolver({});
    const many = { name: 'many', type: A };
    const [one, other, short, byTcp] = await ask(many, many, { ...many, room: 0 }, { ...many, room: 0, tcp: true });
    expect(one?.answers).toHaveLength(40);
    expect(one?.answers).not.toEqual(other?.answers);
    expect([...(one?.answers ?? [])].sort()).toEqual([...(other?.answers ?? [])].sort());
    expect(short).toMatchObject({ truncated: true, additional: 0 });
    expect(short?.bytes).toBeLessThanOrEqual(512);
    expect(byTcp).toMatchObject({ truncated: false });
    expect(byTcp?.answers).toHaveLength(40);
  });

  it('follow the table when it is replaced', async () => {
    await resolver({});
    expect((await ask({ name: 'web.front', type: A }))[0]?.answers).toEqual(['172.18.0.2']);
    await writeFile(join(dir, 'new'), 'gantry-names 1\nweb.front 172.18.0.77\n');
    await rename(join(dir, 'new'), join(dir, 'front.names'));
    expect((await ask({ name: 'web.front', type: A }))[0]?.answers).toEqual(['172.18.0.77']);
    await rm(join(dir, 'front.names'));
    expect((await ask({ name: 'web.front', type: A }))[0]).toMatchObject({ rcode: 2, answers: [] });
    await writeFile(join(dir, 'front.names'), TABLE);
    expect((await ask({ name: 'web.front', type: A }))[0]?.answers).toEqual(['172.18.0.2']);
  });

  it('are those of the networks the container is in now', async () => {
    await resolver({});
    const own = join(dir, 'own.links');
    const list = async (...lines: readonly string[]): Promise<void> => {
      await writeFile(join(dir, 'new'), ['gantry-names 1', ...lines, ''].join('\n'));
      await rename(join(dir, 'new'), own);
    };
    await writeFile(join(dir, 'back.names'), 'gantry-names 1\ndb 172.19.0.2\n');
    const both = [
      { name: 'web.front', type: A },
      { name: 'db', type: A },
      { name: 'mine', type: A },
    ];
    const known = async (): Promise<readonly unknown[]> => (await ask(...both)).map((answer) => answer?.answers[0]);
    expect(await known()).toEqual(['172.18.0.2', undefined, undefined]);
    await list(`+${join(dir, 'front.names')}`, `+${join(dir, 'back.names')}`, 'mine 10.9.9.9');
    expect(await known()).toEqual(['172.18.0.2', '172.19.0.2', '10.9.9.9']);
    await list(`+${join(dir, 'back.names')}`);
    expect(await known()).toEqual([undefined, '172.19.0.2', undefined]);
    await list('web 192.0.2.9');
    await rm(own);
    expect(await known()).toEqual([undefined, undefined, undefined]);
    await list('web 192.0.2.9');
  });

  it('do not take port 53 from servers inside the container', async () => {
    await resolver({});
    await start(inside, process.execPath, [UPSTREAM, '0.0.0.0', '9']);
    expect((await ask({ name: 'web.front', type: A }))[0]?.answers).toEqual(['172.18.0.2']);
  });
});

describe('other names', () => {
  it('are passed on with ids of our own, by the way they came', async () => {
    await resolver({ upstreams: ['127.0.0.1'] });
    const server = await start(host, process.execPath, [UPSTREAM, '127.0.0.1', '1']);
    const answers = await ask(
      { name: 'ok.test', type: A },
      { name: 'ok.test', type: A, tcp: true },
      { name: 'ok.test', type: A },
    );
    expect(answers.map((answer) => answer?.answers)).toEqual([['10.0.0.1'], ['10.0.0.1'], ['10.0.0.1']]);
    expect(answers.map((answer) => answer?.id)).toEqual([4000, 4001, 4002]);
    const asked = server.lines.slice(1).map((line) => line.split(' '));
    expect(asked.map(([way]) => way).sort()).toEqual(['tcp', 'udp', 'udp']);
    expect(asked.some(([, , id]) => ['4000', '4001', '4002'].includes(id ?? ''))).toBe(false);
  });

  it('go to the next server when one refuses or is not there', async () => {
    await resolver({ upstreams: ['127.0.0.3', '127.0.0.1', '127.0.0.2'] });
    await start(host, process.execPath, [UPSTREAM, '127.0.0.1', '1']);
    await start(host, process.execPath, [UPSTREAM, '127.0.0.2', '2']);
    expect((await ask({ name: 'refuse.test', type: A }))[0]?.answers).toEqual(['10.0.0.2']);
    expect((await ask({ name: 'refuse.test', type: A, tcp: true }))[0]?.answers).toEqual(['10.0.0.2']);
  });

  it('are not believed from an answer with another id or question', async () => {
    await resolver({ upstreams: ['127.0.0.1'] });
    await start(host, process.execPath, [UPSTREAM, '127.0.0.1', '1']);
    expect((await ask({ name: 'forge.test', type: A }))[0]).toMatchObject({
      name: 'forge.test',
      answers: ['10.0.0.1'],
    });
  });

  it('may be large: truncated by UDP, whole by TCP', async () => {
    await resolver({ upstreams: ['127.0.0.1'] });
    await start(host, process.execPath, [UPSTREAM, '127.0.0.1', '1']);
    const [udp, tcp] = await ask({ name: 'big.test', type: A }, { name: 'big.test', type: A, tcp: true });
    expect(udp).toMatchObject({ truncated: true });
    expect(tcp?.answers).toHaveLength(180);
  });

  it('fail after four seconds when nobody answers', async () => {
    await resolver({ upstreams: ['127.0.0.1'] });
    await start(host, process.execPath, [UPSTREAM, '127.0.0.1', '1']);
    const begun = Date.now();
    expect((await ask({ name: 'silent.test', type: A, patience: 6000 }))[0]).toMatchObject({ rcode: 2 });
    expect(Date.now() - begun).toBeGreaterThan(3900);
  });

  it('never leave an internal network', async () => {
    await resolver({ upstreams: ['127.0.0.1'], flags: DNS_FLAGS.internal });
    const server = await start(host, process.execPath, [UPSTREAM, '127.0.0.1', '1']);
    const [udp, tcp] = await ask({ name: 'ok.test', type: A }, { name: 'ok.test', type: A, tcp: true });
    expect([udp?.rcode, tcp?.rcode]).toEqual([2, 2]);
    expect(server.lines).toEqual(['listening']);
  });

  it('without a dot stay here when the container has its own ndots', async () => {
    await resolver({ upstreams: ['127.0.0.1'], flags: DNS_FLAGS.ndots });
    await start(host, process.execPath, [UPSTREAM, '127.0.0.1', '1']);
    const [bare, dotted] = await ask({ name: 'ok', type: A }, { name: 'ok.test', type: A });
    expect(bare).toMatchObject({ rcode: 0, answers: [] });
    expect(dotted?.answers).toEqual(['10.0.0.1']);
  });

  it('are asked from inside the container when its own servers are meant, beside a proxy too', async () => {
    const listen = { hostIp: '::1', hostPort: 8080, proto: 6, targetIp: '127.0.0.1', targetPort: 80, flags: 1 };
    await resolver({ upstreams: ['127.0.0.1'], fromContainer: true, more: [encodeRecord(PLAN.listen, listen)] });
    await start(inside, process.execPath, [UPSTREAM, '127.0.0.1', '7']);
    expect((await ask({ name: 'ok.test', type: A }))[0]?.answers).toEqual(['10.0.0.7']);
    expect(await host.check('ss', ['-Hlnt'])).toContain('[::1]:8080');
  });
});

describe('the net child', () => {
  it('answers malformed questions with an error, or not at all, and lives on', async () => {
    await resolver({});
    const raw = [
      '', // no header
      '000101000001000000000000', // no question
      '00018100000100000000000003776562000001 0001', // an answer
      '0001010000020000000000000377656200000100010377656200 00010001', // two questions
      '000101000001000000000000c00c00010001', // a pointer to itself
      `000101000001000000000000${'3f'.repeat(64)}`, // label runs past the end
      '0001290000010000000000000377656200 00010001', // another opcode
    ].map((hex) => ({ name: '', type: A, raw: hex.replaceAll(' ', ''), patience: 300 }));
    const answers = await ask(...raw.slice(0, 1), ...raw.slice(2, 3));
    expect(answers).toEqual([null, null]);
    const codes = raw.filter((_, index) => ![0, 2].includes(index));
    for (const question of codes) {
      const script = `const s=require('dgram').createSocket('udp4');s.on('message',(m)=>{console.log(m[3]&15);s.close()});s.send(Buffer.from('${question.raw}','hex'),53,'127.0.0.11')`;
      expect(['1\n', '4\n']).toContain(await inside.check(process.execPath, ['-e', script]));
    }
    expect((await ask({ name: 'web.front', type: A }))[0]?.answers).toEqual(['172.18.0.2']);
  });

  it('has no capability, no way to new ones, and only its own descriptors', async () => {
    const pid = await resolver({});
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      expect(status).toMatch(new RegExp(`${set}:\\s+0000000000000000`));
    expect(status).toMatch(/NoNewPrivs:\s+1/);
    expect(status).toMatch(/Uid:\s+(\d{5,})\s+\1\s+\1/);
    expect(status).toMatch(/Groups:\s*\n/);
    const open = await Promise.all(
      (await readdir(`/proc/${pid}/fd`)).map(async (fd) => readlink(`/proc/${pid}/fd/${fd}`)),
    );
    expect(
      open.slice(3).filter((target) => !/^(socket:|pipe:|anon_inode:\[eventpoll\]|.*gantry-dns-)/.test(target)),
    ).toEqual([]);
  });

  it('ends with the shim', async () => {
    const pid = await resolver({});
    const child = running.pop();
    child?.stdin?.end();
    if (child !== undefined) await once(child, 'exit');
    await eventually(async () =>
      readFile(`/proc/${pid}/status`).then(
        () => undefined,
        () => true,
      ),
    );
  });

  it('is not held up by clients that open a connection and say nothing', async () => {
    await resolver({});
    const script = `const n=require('net');let c=40;for(let i=0;i<40;i++){n.connect(53,'127.0.0.11').on('connect',()=>{if(--c===0)console.log('open')}).on('error',()=>{})}`;
    await start(inside, process.execPath, ['-e', `${script};process.stdin.on('end',()=>process.exit()).resume()`]);
    expect((await ask({ name: 'web.front', type: A }))[0]?.answers).toEqual(['172.18.0.2']);
  });
});
