// Sockets of published ports: IPv4 ones only hold the port, IPv6 ones lead to the container's IPv4 address.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startProcess } from '../../src/base/process.ts';
import { encodeRecord } from '../../src/engine/shim/codec.ts';
import { PLAN, STEPS } from '../../src/engine/shim/records.ts';
import { eventually } from '../support/eventually.ts';
import { buildHarness } from '../support/network-lab.ts';
import { Netns } from '../support/netns.ts';

const [TCP, UDP] = [6, 17];
const EADDRINUSE = 98;

let host: Netns;
let dir: string;
let harness: string;
const running: ChildProcess[] = [];

beforeAll(async () => {
  harness = await buildHarness();
  host = await Netns.create('listen');
  dir = await mkdtemp(join(tmpdir(), 'gantry-listen-'));
});
afterEach(async () => {
  for (const child of running.splice(0).toReversed()) {
    const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
    child.stdin?.end();
    await gone;
  }
});
afterAll(async () => {
  await host[Symbol.asyncDispose]();
  await rm(dir, { recursive: true, force: true });
});

interface Port {
  readonly hostIp: string;
  readonly hostPort: number;
  readonly proto: number;
  readonly targetPort?: number;
}

async function firstLine(file: string, args: readonly string[]): Promise<string> {
  const child = startProcess('nsenter', host.enter(file, args), { stdio: ['pipe', 'pipe', 'inherit'] });
  running.push(child);
  if (child.stdout === null) throw new Error('no stdout');
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return line;
}

/** Starts a net child with these ports; gives what the harness says: a pid, or step, errno and path of a failure. */
async function publish(...ports: readonly Port[]): Promise<string> {
  return publishBy([harness], ports);
}

async function publishBy([file = harness, ...args]: readonly string[], ports: readonly Port[]): Promise<string> {
  const records = ports.map((port) =>
    encodeRecord(PLAN.listen, { targetIp: '127.0.0.1', targetPort: 9000, flags: 1, ...port }),
  );
  await writeFile(join(dir, 'plan'), Buffer.concat(records));
  return firstLine(file, [...args, 'child', '-', join(dir, 'plan')]);
}

/** Runs a program of Node in the host's namespace until its stdin ends; it must print a line when it is ready. */
async function program(source: string): Promise<string> {
  return firstLine(process.execPath, ['-e', `${source};process.stdin.on('end',()=>process.exit()).resume()`]);
}

async function evaluate(source: string): Promise<string> {
  return (await host.check(process.execPath, ['-e', source])).trim();
}

const connectTo = (address: string, port: number): string =>
  `require('net').connect(${port},'${address}').on('connect',()=>{console.log('connected');process.exit()}).on('error',(e)=>{console.log(e.code)})`;
const listenOn = (address: string, port: number): string =>
  `require('net').createServer().listen({port:${port},host:'${address}',ipv6Only:true},()=>{console.log('listening');process.exit()}).on('error',(e)=>console.log(e.code))`;

describe('what serves the ports', () => {
  it('may only speak over inet sockets and read', async () => {
    expect((await host.check(harness, ['filter'])).trim().split('\n')).toEqual([
      ...['execve', 'ptrace', 'fork', 'kill', 'unlink', 'write', 'change', 'create'].map((name) => `${name} EPERM`),
      'read done',
      'netlink EPERM',
      'unix EPERM',
      'inet done',
      'inet6 done',
      'code EPERM',
      'data done',
      'to-code EPERM',
    ]);
  });

  it('is confined to that, and has no rights', async () => {
    const pid = await publish({ hostIp: '127.0.0.1', hostPort: 8080, proto: TCP });
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    for (const line of ['Name:\tgantry-net', 'Seccomp:\t2', 'NoNewPrivs:\t1', 'CapBnd:\t0000000000000000'])
      expect(status).toContain(line);
  });
});

describe('an IPv4 port', () => {
  it('is held, and refuses who connects', async () => {
    await publish({ hostIp: '0.0.0.0', hostPort: 8080, proto: TCP });
    expect(await evaluate(connectTo('127.0.0.1', 8080))).toBe('ECONNREFUSED');
    expect(await evaluate(listenOn('127.0.0.1', 8080))).toBe('EADDRINUSE');
    expect(await evaluate(listenOn('0.0.0.0', 8080))).toBe('EADDRINUSE');
    expect(await evaluate(listenOn('0.0.0.0', 8081))).toBe('listening');
  });

  it('that somebody has fails with its name, and leaves nothing', async () => {
    await program(`require('net').createServer().listen(8080,'127.0.0.1',()=>console.log('up'))`);
    const failure = await publish(
      { hostIp: '127.0.0.1', hostPort: 8081, proto: TCP },
      { hostIp: '127.0.0.1', hostPort: 8080, proto: TCP },
    );
    expect(failure).toBe(`${STEPS.indexOf('listen')} ${EADDRINUSE} 127.0.0.1:8080/tcp`);
    expect(await evaluate(listenOn('127.0.0.1', 8081))).toBe('listening');
  });

  it('that another engine holds fails too', async () => {
    await publish({ hostIp: '0.0.0.0', hostPort: 8080, proto: TCP }, { hostIp: '0.0.0.0', hostPort: 8080, proto: UDP });
    expect(await publish({ hostIp: '0.0.0.0', hostPort: 8080, proto: TCP })).toContain('0.0.0.0:8080/tcp');
    expect(await publish({ hostIp: '0.0.0.0', hostPort: 8080, proto: UDP })).toContain('0.0.0.0:8080/udp');
  });

  it('can be had while connections of an earlier server are in TIME_WAIT, and is then held as well', async () => {
    const early = `const n=require('net');const s=n.createServer((c)=>c.end()).listen(8080,'127.0.0.1',()=>{const c=n.connect(8080,'127.0.0.1').resume().on('close',()=>s.close(()=>console.log('done')))})`;
    expect(await evaluate(early)).toBe('done');
    expect(await host.check('ss', ['-Htan', 'state', 'time-wait'])).toContain(':8080');
    expect(await publish({ hostIp: '0.0.0.0', hostPort: 8080, proto: TCP })).toMatch(/^\d+$/);
    expect(await evaluate(connectTo('127.0.0.1', 8080))).toBe('ECONNREFUSED');
    expect(await evaluate(listenOn('127.0.0.1', 8080))).toBe('EADDRINUSE');
    expect(await publish({ hostIp: '0.0.0.0', hostPort: 8080, proto: TCP })).toContain('0.0.0.0:8080/tcp');
  });

  it('of UDP takes nothing in', async () => {
    await publish({ hostIp: '0.0.0.0', hostPort: 5353, proto: UDP });
    await evaluate(
      `const s=require('dgram').createSocket('udp4');s.send('x'.repeat(1000),5353,'127.0.0.1',()=>{console.log('sent');s.close()})`,
    );
    expect(await host.check('ss', ['-Hlun', 'sport = :5353'])).toMatch(/UNCONN\s+0\s/);
  });
});

describe('an IPv6 port', () => {
  const ECHO = `require('net').createServer({allowHalfOpen:true},(c)=>{const all=[];c.on('data',(d)=>all.push(d)).on('end',()=>{c.end(Buffer.concat(all))})}).listen(9000,'127.0.0.1',()=>console.log('up'))`;

  it('stands beside the IPv4 one and is held against others', async () => {
    await publish({ hostIp: '0.0.0.0', hostPort: 8080, proto: TCP }, { hostIp: '::', hostPort: 8080, proto: TCP });
    expect(await publish({ hostIp: '::', hostPort: 8080, proto: TCP })).toBe(
      `${STEPS.indexOf('listen')} ${EADDRINUSE} [::]:8080/tcp`,
    );
    expect(await evaluate(connectTo('127.0.0.1', 8080))).toBe('ECONNREFUSED');
  });

  it("passes megabytes both ways and one side's end by itself", async () => {
    await program(ECHO);
    await publish({ hostIp: '::', hostPort: 8080, proto: TCP });
    const client = `const {createHash}=require('crypto');const data=require('crypto').randomBytes(20e6);const got=createHash('sha256');let n=0;
      const c=require('net').connect({port:8080,host:'::1',allowHalfOpen:true});c.end(data);
      c.on('data',(d)=>{n+=d.length;got.update(d)}).on('end',()=>console.log(n,got.digest('hex')===createHash('sha256').update(data).digest('hex')))`;
    expect(await evaluate(client)).toBe('20000000 true');
  });

  it('ends connections whose target is not there', async () => {
    await publish({ hostIp: '::1', hostPort: 8080, proto: TCP, targetPort: 1 });
    const client = `require('net').connect(8080,'::1').resume().on('error',()=>{}).on('close',()=>console.log('closed'))`;
    expect(await evaluate(client)).toBe('closed');
  });

  it('serves many connections at a time', async () => {
    await program(ECHO);
    await publish({ hostIp: '::', hostPort: 8080, proto: TCP });
    const client = `let left=200,sum=0;for(let i=0;i<200;i++){const c=require('net').connect({port:8080,host:'::1',allowHalfOpen:true});c.end('x');c.on('data',(d)=>{sum+=d.length}).on('end',()=>{if(--left===0)console.log(sum)})}`;
    expect(await evaluate(client)).toBe('200');
  });

  it('goes on serving after it ran out of descriptors', async () => {
    await program(ECHO);
    const few = ['prlimit', '--nofile=40:40', harness];
    await publishBy(few, [{ hostIp: '::', hostPort: 8080, proto: TCP }]);
    const greedy = `let n=0;const all=Array.from({length:80},()=>require('net').connect(8080,'::1').on('error',()=>{}).on('connect',()=>{if(++n===30)setTimeout(()=>{console.log('enough');process.exit()},300)}))`;
    expect(await evaluate(greedy)).toBe('enough');
    const client = `const c=require('net').connect({port:8080,host:'::1',allowHalfOpen:true});c.end('x');c.on('data',(d)=>console.log(String(d))).on('error',()=>{})`;
    expect(await eventually(async () => ((await evaluate(client)) === 'x' ? true : undefined))).toBe(true);
  });

  it('of UDP answers each client from the address it spoke to', async () => {
    await program(
      `const s=require('dgram').createSocket('udp4');s.on('message',(m,r)=>s.send('re:'+m,r.port,r.address));s.bind(9000,'127.0.0.1',()=>console.log('up'))`,
    );
    await host.check('ip', ['addr', 'replace', 'fd00:5::1/128', 'dev', 'lo']);
    await publish({ hostIp: '::', hostPort: 5353, proto: UDP });
    const client = `const d=require('dgram');const to=['::1','fd00:5::1'];let left=4;
      for(const i of [0,1,2,3]){const s=d.createSocket('udp6');s.on('message',(m,r)=>{if(String(m)!=='re:'+i||r.address!==to[i%2]||r.port!==5353)throw new Error(m+r.address);s.close();if(--left===0)console.log('all')});s.send(String(i),5353,to[i%2])}`;
    expect(await evaluate(client)).toBe('all');
  });
});
