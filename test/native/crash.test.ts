// kill -9 at any moment: of the daemon's side no container notices; a dead shim leaves no container.
import { access, readFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { encodeRecord } from '../../src/engine/shim/codec.ts';
import { MESSAGES, PHASES, PLAN, STEPS } from '../../src/engine/shim/records.ts';
import { eventually } from '../support/eventually.ts';
import { execPlanOf } from '../support/launch.ts';
import { connectShim } from '../support/wire.ts';
import { nativeBinary, TestZygote } from '../support/zygote.ts';

beforeAll(async () => {
  await nativeBinary('gantry-shim');
}, 120_000);

async function gone(pid: number): Promise<true | undefined> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => 'Z)');
  return status.includes(') Z') || status === 'Z)' ? true : undefined;
}

it('survives its daemon: status, log and streams are there for the next one', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['sh', '-c', 'echo one; read x; echo $x; exit 5'], flags: 2 });
  await container.go();
  container.wire.close();
  zygote.wire.close(); // EOF on descriptor 3, as after kill -9
  const again = await connectShim(container.dir);
  expect(again.state).toMatchObject({ phase: PHASES.running, pid: container.state.pid });
  expect(again.state.startedNs).toBeGreaterThan(0n);
  const client = await container.attach(1 | 2);
  client.stream.write('two\n');
  expect((await client.output)[1]).toBe('two\n');
  expect(await again.wire.event(MESSAGES.exited)).toMatchObject({ status: 5 });
  expect((await container.logLines()).map((line) => line.log)).toEqual(['one\n', 'two\n']);
  expect(zygote.process.exitCode).toBe(null);
  await again.wire.ask(MESSAGES.dismiss, {}, MESSAGES.ok);
  await again.wire.closed;
  await eventually(async () => await gone(zygote.process.pid ?? 0));
});

it('tells the end to an engine that comes later', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['sh', '-c', 'exit 6'] });
  await container.run();
  container.wire.close();
  const { state, wire } = await connectShim(container.dir);
  expect(state).toMatchObject({ phase: PHASES.exited, status: 6, oom: 0 });
  expect(state.finishedNs).toBeGreaterThanOrEqual(state.startedNs);
  await wire.ask(MESSAGES.dismiss, {}, MESSAGES.ok);
});

it.each([
  ['prepared', ['sleep', '100'], '', false],
  ['running', ['sleep', '100'], '', true],
  ['running as another user', ['sleep', '100'], '1000', true],
  // a change of user wipes PR_SET_PDEATHSIG
  ['running and changed its user', ['sh', '-c', 'exec su app -c "sleep 100"'], '', true],
])('a container that is %s dies with its shim', async (_name, argv, user, go) => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv, user });
  if (go) await container.go();
  process.kill(container.shimPid, 'SIGKILL');
  await container.wire.closed;
  await eventually(async () => await gone(container.state.pid));
  await eventually(async () => await gone(container.shimPid));
  if (go) await expect(access(`${container.dir}/exit`)).rejects.toThrow();
});

it('a dead shim takes its execs along', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['sleep', '100'] });
  await container.go();
  await container.wire.ask(
    MESSAGES.execPrepare,
    { exec: 'e', plan: execPlanOf({ argv: ['sleep', '100'] }) },
    MESSAGES.ok,
  );
  const { pid } = await container.wire.ask(MESSAGES.execGo, { exec: 'e' }, MESSAGES.started);
  process.kill(container.shimPid, 'SIGKILL');
  await eventually(async () => await gone(pid));
});

it('aborts what was prepared, and what runs', async () => {
  await using zygote = await TestZygote.start();
  for (const go of [false, true]) {
    const container = await zygote.launch({ argv: ['sleep', '100'] });
    if (go) await container.go();
    await container.wire.ask(MESSAGES.abort, {}, MESSAGES.ok);
    expect((await container.exited()).status).toBe(137);
    await container.dismiss();
    expect(await gone(container.state.pid)).toBe(true);
  }
});

it('signals reach the process and never another', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({
    argv: ['sh', '-c', 'trap "exit 9" USR1; echo ready; while :; do sleep 0.01; done'],
  });
  const client = await container.attach(2);
  await container.go();
  await client.until('ready');
  await container.wire.ask(MESSAGES.signal, { signal: 10, exec: '' }, MESSAGES.ok);
  expect((await container.exited()).status).toBe(9);
});

it('messages that make no sense end the connection, nothing else', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['sleep', '100'] });
  const { wire } = await connectShim(container.dir);
  wire.raw(Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 2, 3]));
  await wire.closed;
  await container.go();
});

it('forgets an exec that was prepared by an engine that is gone', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['sleep', '100'] });
  await container.go();
  const first = await connectShim(container.dir);
  const plan = execPlanOf({ argv: ['true'] });
  await first.wire.ask(MESSAGES.execPrepare, { exec: 'lost', plan }, MESSAGES.ok);
  first.wire.close();
  await eventually(async () => {
    await container.wire.ask(MESSAGES.execPrepare, { exec: 'lost', plan }, MESSAGES.ok);
    return true;
  });
  await container.wire.ask(MESSAGES.execGo, { exec: 'lost' }, MESSAGES.started);
});

it('frees published ports with the container, and with a shim that is killed', async () => {
  await using zygote = await TestZygote.start();
  const listen = encodeRecord(PLAN.listen, {
    hostIp: '127.0.0.1',
    hostPort: 48_123,
    proto: 6,
    targetIp: '127.0.0.1',
    targetPort: 1,
    flags: 0,
  });
  const first = await zygote.launch({ argv: ['sleep', '100'], extra: [listen] });
  expect(first.state.phase).toBe(PHASES.prepared);
  const refused = await zygote.launch({ extra: [listen] });
  expect([STEPS[refused.state.step], refused.state.errno]).toEqual(['listen', 98]);
  await refused.dismiss();
  await first.wire.ask(MESSAGES.abort, {}, MESSAGES.ok);
  const second = await zygote.launch({ argv: ['sleep', '100'], extra: [listen] });
  expect(second.state.phase).toBe(PHASES.prepared);
  process.kill(second.shimPid, 'SIGKILL');
  await eventually(async () => {
    const third = await zygote.launch({ extra: [listen] });
    if (third.state.phase === PHASES.prepared) return true;
    await third.dismiss();
    return undefined;
  });
});
