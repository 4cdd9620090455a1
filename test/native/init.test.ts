// The built-in init: reaps, forwards signals, hands the status on; and what pid 1 is without it.
import { beforeAll, expect, it } from 'vitest';
import { MESSAGES } from '../../src/engine/shim/records.ts';
import { execPlanOf, FLAGS } from '../support/launch.ts';
import { attach } from '../support/wire.ts';
import { nativeBinary, TestZygote } from '../support/zygote.ts';

beforeAll(async () => {
  await nativeBinary('gantry-shim');
}, 120_000);

it('stands before the process and hands its status on', async () => {
  await using zygote = await TestZygote.start();
  const result = await zygote.run({ flags: FLAGS.init, argv: ['sh', '-c', 'echo $$; exit 7'] });
  expect(result).toEqual({ status: 7, stdout: '2\n', stderr: '' });
});

it('forwards signals: a process without a handler ends by TERM', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ flags: FLAGS.init, argv: ['sleep', '100'] });
  await container.go();
  await container.wire.ask(MESSAGES.signal, { signal: 15, exec: '' }, MESSAGES.ok);
  expect((await container.exited()).status).toBe(143);
});

it('reaps what others leave', async () => {
  await using zygote = await TestZygote.start();
  const script =
    '(sh -c "sleep 0.05" & ) ; (sh -c "exit 3" &); sleep 0.3; grep -l "State:.Z" /proc/[0-9]*/status; echo done; sleep 100';
  const container = await zygote.launch({ flags: FLAGS.init, argv: ['sh', '-c', script] });
  const client = await container.attach(6);
  await container.go();
  await client.until('done\n');
  expect((await container.logLines()).map((line) => line.log)).toEqual(['done\n']);
});

it('keeps no descriptor but stdio and holds no memory of the shim open to others', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ flags: FLAGS.init, argv: ['sleep', '100'] });
  await container.go();
  const plan = execPlanOf({
    argv: ['sh', '-c', 'ls /proc/1/fd; id -u; readlink /proc/1/exe; grep Seccomp: /proc/1/status'],
  });
  await container.wire.ask(MESSAGES.execPrepare, { exec: 'i', plan }, MESSAGES.ok);
  const client = await attach(`${container.dir}/x-i`, 2);
  await container.wire.ask(MESSAGES.execGo, { exec: 'i' }, MESSAGES.started);
  // dumpable 0: without SYS_PTRACE not even root of the container looks in
  expect((await client.output)[1]).toBe('0\n1\n2\n0\nSeccomp:\t0\n');
});

it('tells that the program cannot be executed', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ flags: FLAGS.init, argv: ['nope'] });
  await expect(container.go()).rejects.toMatchObject({ failure: { step: 'exec', errno: 2, path: 'nope' } });
  expect((await container.exited()).status).toBe(127);
});

it('has the terminal in the foreground', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({
    flags: FLAGS.init | FLAGS.tty | FLAGS.stdin,
    argv: ['sh', '-c', 'trap "echo int; exit 3" INT; echo ready; while :; do sleep 0.01; done'],
  });
  const client = await container.attach(3, true);
  await container.go();
  await client.until('ready');
  client.stream.write('\x03');
  expect((await client.output)[0]).toContain('int\r\n');
  expect((await container.exited()).status).toBe(3);
});
