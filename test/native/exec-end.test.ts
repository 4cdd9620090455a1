// An exec whose process ends before the helper that forked it: the helper still holds the socket by whose end the shim
// learns of execve. A tracer keeps the helper from ending; the process dies by a signal, which it does not see.
import { once } from 'node:events';
import { beforeAll, expect, it } from 'vitest';
import { startProcess } from '../../src/base/process.ts';
import { MESSAGES } from '../../src/engine/shim/records.ts';
import { execPlanOf } from '../support/launch.ts';
import { requireTool } from '../support/require.ts';
import { nativeBinary, TestZygote } from '../support/zygote.ts';

const strace = requireTool('strace', 'apt-get install strace');

beforeAll(async () => {
  await nativeBinary('gantry-shim');
}, 120_000);

it.skipIf(strace === undefined)('an exec that ends before its helper is told of as started and as ended', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['sleep', '100'] });
  await container.go();
  const inject = ['-e', 'trace=exit_group', '-e', 'inject=exit_group:delay_enter=700000'];
  const tracer = startProcess(strace ?? '', ['-f', '-p', String(container.shimPid), ...inject], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const gone = once(tracer, 'exit');
  if (tracer.stderr !== null) await once(tracer.stderr, 'data'); // "attached"
  const plan = execPlanOf({ argv: ['sh', '-c', 'kill -9 $$'] });
  await container.wire.ask(MESSAGES.execPrepare, { exec: 'a1', plan }, MESSAGES.ok);
  const { pid } = await container.wire.ask(MESSAGES.execGo, { exec: 'a1' }, MESSAGES.started);
  expect(pid).toBeGreaterThan(1);
  expect(await container.wire.event(MESSAGES.execExited)).toEqual({ exec: 'a1', status: 137 });
  tracer.kill('SIGTERM');
  await gone;
});
