// What a start that fails says: the step, errno and path of its cause, and Docker's exit status.
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { encodeRecord } from '../../src/engine/shim/codec.ts';
import { MESSAGES, PHASES, PLAN, STEPS } from '../../src/engine/shim/records.ts';
import { execPlanOf, type PlanOptions } from '../support/launch.ts';
import { nativeBinary, TestZygote } from '../support/zygote.ts';

beforeAll(async () => {
  await nativeBinary('gantry-shim');
}, 120_000);

const JOIN_NOTHING = encodeRecord(PLAN.join, { type: 0x4000_0000, path: '/dev/null' });
const ENOENT = 2;
const EACCES = 13;
const ENOTDIR = 20;
const EISDIR = 21;
const ENOEXEC = 8;

it.each([
  [['no-such-program'], ENOENT, 127],
  [['/no/such/program'], ENOENT, 127],
  [['/etc/passwd/x'], ENOTDIR, 127],
  [['/etc/passwd'], EACCES, 126],
  [['/etc'], EISDIR, 126],
  [['/bad-format'], ENOEXEC, 126],
] as const)('go of %j fails with errno %i and counts as %i', async (argv, errno, status) => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv, mounts: [await badFormat(zygote)] });
  expect(container.state.phase).toBe(PHASES.prepared);
  await expect(container.go()).rejects.toMatchObject({ failure: { step: 'exec', errno, path: argv[0] } });
  expect((await container.exited()).status).toBe(status);
  expect(await readFile(`${container.dir}/exit`, 'utf8')).toContain(`status=${status}\n`);
});

it.each<[string, PlanOptions, string, number]>([
  ['a working folder that is a file', { cwd: '/etc/passwd' }, 'workdir', ENOTDIR],
  ['a working folder below a file', { cwd: '/etc/passwd/x' }, 'workdir', ENOTDIR],
  ['a working folder by a magic link', { cwd: '/proc/self/fd/3' }, 'workdir', 40],
  ['a missing mount source', { mounts: [{ source: '/no/such', target: '/x', flags: 2 }] }, 'mount', ENOENT],
  ['a missing layer', { layers: ['/no/such'] }, 'overlay', ENOENT],
  ['a folder on a file', { mounts: [{ source: '/tmp', target: '/etc/passwd' }] }, 'mount', ENOTDIR],
  ['a mount over /proc/sys', { mounts: [{ source: '/tmp', target: '/proc/sys' }] }, 'mount', 1],
  ['a mount over /proc', { mounts: [{ source: '/tmp', target: '/proc' }] }, 'mount', 1],
  ['a namespace to join that is none', { extra: [JOIN_NOTHING] }, 'join', 22],
])('%s fails in its step', async (_name, options, step, errno) => {
  await using zygote = await TestZygote.start();
  const { state } = await zygote.launch(options);
  expect([state.phase, STEPS[state.step], state.errno]).toEqual([PHASES.failed, step, errno]);
});

it('refuses a plan that is cut short, and one without capabilities', async () => {
  await using zygote = await TestZygote.start();
  const cut = await zygote.launch({ extra: [Buffer.from([1, 0, 0, 0, 9, 0, 0, 0, 1])] });
  expect([cut.state.phase, STEPS[cut.state.step]]).toEqual([PHASES.failed, 'plan']);
  const unknown = await zygote.launch({ extra: [Buffer.from([0xff, 1, 0, 0, 0, 0, 0, 0])] });
  expect([unknown.state.phase, STEPS[unknown.state.step]]).toEqual([PHASES.failed, 'plan']);
});

it('makes a missing working folder, and exec does not', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ cwd: '/made/here', argv: ['sh', '-c', 'pwd; stat -c %a /made; sleep 100'] });
  const client = await container.attach(2);
  await container.go();
  await client.until('755\n');
  const plan = execPlanOf({ cwd: '/not/made' });
  await expect(container.wire.ask(MESSAGES.execPrepare, { exec: 'e', plan }, MESSAGES.ok)).rejects.toMatchObject({
    failure: { step: 'workdir', errno: ENOENT, path: '/not/made' },
  });
});

it('answers an exec that cannot be executed and goes on', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['sleep', '100'] });
  await container.go();
  for (const exec of ['e1', 'e2']) {
    await container.wire.ask(MESSAGES.execPrepare, { exec, plan: execPlanOf({ argv: ['nope'] }) }, MESSAGES.ok);
    await expect(container.wire.ask(MESSAGES.execGo, { exec }, MESSAGES.started)).rejects.toMatchObject({
      failure: { step: 'exec', errno: ENOENT, path: 'nope' },
    });
  }
  await expect(container.wire.ask(MESSAGES.execGo, { exec: 'e3' }, MESSAGES.started)).rejects.toMatchObject({
    failure: { step: 'noSuchExec' },
  });
});

it('refuses what does not fit the state', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['true'] });
  await expect(container.dismiss()).rejects.toMatchObject({ failure: { step: 'state' } });
  await container.run();
  await expect(container.go()).rejects.toMatchObject({ failure: { step: 'state' } });
  const signalled = container.wire.ask(MESSAGES.signal, { signal: 15, exec: '' }, MESSAGES.ok);
  await expect(signalled).rejects.toMatchObject({ failure: { step: 'state', errno: 3 } });
  const executed = container.wire.ask(MESSAGES.execPrepare, { exec: 'late', plan: execPlanOf({}) }, MESSAGES.ok);
  await expect(executed).rejects.toMatchObject({ failure: { step: 'state', errno: 3 } });
});

async function badFormat(zygote: TestZygote): Promise<{ source: string; target: string; flags: number }> {
  await writeFile(`${zygote.root}/bad`, 'no shebang, no ELF');
  await chmod(`${zygote.root}/bad`, 0o755);
  return { source: `${zygote.root}/bad`, target: '/bad-format', flags: 4 };
}
