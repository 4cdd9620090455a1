// Attach clients: several at once, slow ones, ones that leave, stdin from any of them.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { processEnv } from '../../src/base/env.ts';
import { ATTACH_FLAGS, MESSAGES } from '../../src/engine/shim/records.ts';
import { execPlanOf, FLAGS } from '../support/launch.ts';
import { attach, connectSocket } from '../support/wire.ts';
import { nativeBinary, TestZygote } from '../support/zygote.ts';

beforeAll(async () => {
  await nativeBinary('gantry-shim');
}, 120_000);

const { stdin, stdout, stderr, unfinished } = ATTACH_FLAGS;

it('serves several clients, each what it asked for', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({
    argv: ['sh', '-c', 'echo out; echo err >&2; cat'],
    flags: FLAGS.stdin | FLAGS.stdinOnce,
  });
  const [out, err, both] = await Promise.all(
    [stdout, stderr, stdin | stdout | stderr].map(async (flags) => await container.attach(flags)),
  );
  await container.go();
  both?.stream.end('typed\n');
  expect(await out?.output).toEqual({ 0: '', 1: 'out\ntyped\n', 2: '' });
  expect(await err?.output).toEqual({ 0: '', 1: '', 2: 'err\n' });
  expect(await both?.output).toEqual({ 0: '', 1: 'out\ntyped\n', 2: 'err\n' });
});

it('keeps stdin open without stdinOnce when a client leaves', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['sh', '-c', 'read a; echo $a; read b; echo $b'], flags: FLAGS.stdin });
  await container.go();
  const first = await container.attach(stdin | stdout);
  first.stream.end('one\n');
  await first.until('one\n');
  first.stream.destroy();
  const second = await container.attach(stdin | stdout);
  expect(second.logOffset).toBe(BigInt((await readFile(container.log)).length));
  second.stream.write('two\n');
  expect((await second.output)[1]).toBe('two\n');
});

it('begins with the lines that are not in the log yet, for those who ask', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({
    argv: ['sh', '-c', 'echo whole; printf begun; printf wrong >&2; read a; echo " ended"'],
    flags: FLAGS.stdin,
  });
  const first = await container.attach(stdin | stdout | stderr);
  await container.go();
  await first.until('begun');
  await first.until('wrong');
  const [joined, plain, out] = await Promise.all(
    [stdout | stderr | unfinished, stdout | stderr, stdout | unfinished].map(
      async (flags) => await container.attach(flags),
    ),
  );
  const log = await readFile(container.log, 'utf8');
  expect(joined?.logOffset).toBe(BigInt(log.length));
  expect(log).not.toContain('begun');
  first.stream.end('\n');
  expect(await joined?.output).toEqual({ 0: '', 1: 'begun ended\n', 2: 'wrong' });
  expect(await plain?.output).toEqual({ 0: '', 1: ' ended\n', 2: '' });
  expect(await out?.output).toEqual({ 0: '', 1: 'begun ended\n', 2: '' });
});

it('delivers stdin that was sent before its client left', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({
    argv: ['sh', '-c', 'sleep 0.2; wc -c'],
    flags: FLAGS.stdin | FLAGS.stdinOnce,
  });
  const client = await container.attach(stdin);
  await container.go();
  client.stream.end('x'.repeat(150_000));
  await once(client.stream, 'finish');
  client.stream.destroy();
  await container.exited();
  expect((await container.logLines())[0]?.log).toBe('150000\n');
});

it('pauses for a client that does not read, in bounded memory, and loses nothing', async () => {
  await using zygote = await TestZygote.start();
  const bytes = 8 * 1024 * 1024;
  const container = await zygote.launch({ argv: ['sh', '-c', `yes "$(printf %01000d 0)" | head -c ${bytes}`] });
  const socket = await connectSocket(`${container.dir}/attach`);
  socket.pause();
  socket.write(Buffer.from([0x47, 0x41, stdout, 0, 0, 0, 0, 0]));
  await new Promise<void>((resolve) => socket.once('readable', () => resolve()));
  const reader = await container.attach(stdout);
  await container.go();
  await reader.until('\n');
  const status = await readFile(`/proc/${container.shimPid}/status`, 'utf8');
  // own pages: the two clients' buffers (64 KiB each), the line and log buffers, the stack
  if (processEnv()['GANTRY_NATIVE'] === undefined)
    expect(Number(/RssAnon:\s+(\d+)/.exec(status)?.[1])).toBeLessThan(500);
  let received = -8;
  socket.on('data', (chunk: Buffer) => (received += chunk.length));
  await once(socket, 'end');
  socket.destroy();
  expect((await container.exited()).status).toBe(0);
  // frames of up to 16 KiB, 8 bytes each in front
  expect(received).toBeGreaterThan(bytes);
  expect((await reader.output)[1].length).toBe(bytes);
});

it('refuses a greeting that is none', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['sleep', '100'] });
  const socket = await connectSocket(`${container.dir}/attach`);
  let heard = 0;
  socket.on('data', (chunk: Buffer) => (heard += chunk.length));
  socket.write('GET / HTTP/1.1\r\n\r\n');
  // by the shim: this side stays open
  await once(socket, 'close').catch(() => undefined);
  expect(heard).toBe(0);
  await container.go();
});

it('gives an exec its own terminal, with a size', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['sleep', '100'] });
  await container.go();
  const plan = execPlanOf({
    argv: ['sh', '-c', 'tty; stty size; read x; stty size'],
    flags: FLAGS.tty | FLAGS.stdin,
    rows: 11,
    cols: 22,
  });
  await container.wire.ask(MESSAGES.execPrepare, { exec: 't', plan }, MESSAGES.ok);
  const client = await attach(`${container.dir}/x-t`, stdin | stdout, true);
  await container.wire.ask(MESSAGES.execGo, { exec: 't' }, MESSAGES.started);
  await client.until('11 22');
  await container.wire.ask(MESSAGES.resize, { exec: 't', rows: 33, cols: 44 }, MESSAGES.ok);
  client.stream.write('\r');
  expect((await client.output)[0]).toMatch(/^\/dev\/pts\/0\r\n11 22\r\n\r\n33 44\r\n$/);
  expect(await container.wire.event(MESSAGES.execExited)).toEqual({ exec: 't', status: 0 });
});

it('ends an exec whose child keeps the pipes, after a while', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['sleep', '100'] });
  await container.go();
  await container.wire.ask(
    MESSAGES.execPrepare,
    { exec: 'b', plan: execPlanOf({ argv: ['sh', '-c', 'sleep 50 & echo x'] }) },
    MESSAGES.ok,
  );
  const client = await attach(`${container.dir}/x-b`, stdout);
  await container.wire.ask(MESSAGES.execGo, { exec: 'b' }, MESSAGES.started);
  expect((await client.output)[1]).toBe('x\n');
  expect(await container.wire.event(MESSAGES.execExited)).toEqual({ exec: 'b', status: 0 });
});

it('runs many execs at once and kills one by signal', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['sleep', '100'] });
  await container.go();
  const names = Array.from({ length: 20 }, (_, i) => `n${i}`);
  const plan = execPlanOf({ argv: ['sleep', '100'] });
  await Promise.all(
    names.map(async (exec) => {
      await container.wire.ask(MESSAGES.execPrepare, { exec, plan }, MESSAGES.ok);
      await container.wire.ask(MESSAGES.execGo, { exec }, MESSAGES.started);
    }),
  );
  for (const exec of names) await container.wire.ask(MESSAGES.signal, { signal: 9, exec }, MESSAGES.ok);
  for (const _ of names) expect((await container.wire.event(MESSAGES.execExited)).status).toBe(137);
});

it('tells a client that comes after the end where the log ends, and no more', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['echo', 'x'] });
  await container.run();
  const client = await container.attach(stdout);
  expect(client.logOffset).toBe(BigInt((await readFile(container.log)).length));
  expect((await client.output)[1]).toBe('');
});
