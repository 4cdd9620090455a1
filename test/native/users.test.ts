// Who a process runs as: Docker's user rules, looked up in the container's own files.
import { copyFile, cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MESSAGES, PHASES, STEPS } from '../../src/engine/shim/records.ts';
import { execPlanOf } from '../support/launch.ts';
import { attach } from '../support/wire.ts';
import { nativeBinary, TestZygote } from '../support/zygote.ts';
import { busyboxRootfs } from '../support/rootfs.ts';

let layer = '';

beforeAll(async () => {
  await nativeBinary('gantry-shim');
  const { dir } = await busyboxRootfs();
  layer = await mkdtemp(join(tmpdir(), 'gantry-users-'));
  await cp(join(dir, 'bin'), join(layer, 'bin'), { recursive: true, verbatimSymlinks: true });
  await cp(join(dir, 'etc'), join(layer, 'etc'), { recursive: true });
  // 1000 as a *name* for root must never be found by a number (CVE-2026-46680); the first "twice" counts
  const more = '1000:x:0:0:evil:/root:/bin/sh\nbad:x:99999999999:0::/:\ntwice:x:5:6::/five:\ntwice:x:7:8::/seven:\n';
  await copyFile(join(dir, 'etc/passwd'), join(layer, 'etc/passwd'));
  await writeFile(join(layer, 'etc/passwd'), more, { flag: 'a' });
}, 120_000);

afterAll(async () => await rm(layer, { recursive: true, force: true }));

const ID = 'echo $(id -u):$(id -g):$(id -G) $HOME';

it.each([
  ['', '0:0:0 44 /root'],
  ['root', '0:0:0 44 /root'],
  ['0', '0:0:0 44 /root'],
  ['app', '1000:1000:1000 29 44 /home/app'],
  ['1000', '1000:1000:1000 29 44 /home/app'],
  ['1000:33', '1000:33:33 /home/app'],
  ['app:www-data', '1000:33:33 /home/app'],
  ['app:', '1000:1000:1000 29 44 /home/app'],
  ['4242', '4242:0:0 /'],
  ['4242:4243', '4242:4243:4243 /'],
  ['2147483647', '2147483647:0:0 /'],
  ['twice', '5:6:6 /five'],
])('user %j is %s', async (user, expected) => {
  await using zygote = await TestZygote.start();
  const result = await zygote.run({ user, argv: ['sh', '-c', ID], layers: [layer] });
  expect(result).toEqual({ status: 0, stdout: `${expected}\n`, stderr: '' });
});

it.each([
  ['4294967296', 34, '4294967296'],
  ['2147483648', 34, '2147483648'],
  ['18446744073709551616', 34, '18446744073709551616'],
  ['nobody-there', 2, 'nobody-there'],
  ['app:nogroup', 2, ':nogroup'],
  ['app:2147483648', 34, ':2147483648'],
  ['-1', 2, '-1'],
  ['+0', 2, '+0'],
  [' 0', 2, ' 0'],
  ['bad', 22, 'bad'],
])('user %j is refused', async (user, errno, path) => {
  await using zygote = await TestZygote.start();
  const { state } = await zygote.launch({ user, layers: [layer] });
  expect([state.phase, STEPS[state.step], state.errno, state.path]).toEqual([PHASES.failed, 'user', errno, path]);
});

it('adds groups and keeps the primary one', async () => {
  await using zygote = await TestZygote.start();
  const result = await zygote.run({ user: '4242:5', groups: ['audio', '77'], argv: ['id', '-G'] });
  expect(result.stdout).toBe('5 29 77\n');
});

it('takes HOME from the environment when it is there', async () => {
  await using zygote = await TestZygote.start();
  const result = await zygote.run({ user: 'app', env: ['PATH=/bin', 'HOME=/x'], argv: ['sh', '-c', 'echo $HOME'] });
  expect(result.stdout).toBe('/x\n');
});

it('lets a user who is not root open its stdio anew', async () => {
  await using zygote = await TestZygote.start();
  const result = await zygote.run({ user: '1000', argv: ['sh', '-c', 'echo a >/dev/stdout; echo b >/dev/stderr'] });
  expect(result).toEqual({ status: 0, stdout: 'a\n', stderr: 'b\n' });
});

it('looks an exec user up by the same rules', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['sleep', '100'], layers: [layer] });
  await container.go();
  const plan = execPlanOf({ user: '1000', argv: ['sh', '-c', ID] });
  await container.wire.ask(MESSAGES.execPrepare, { exec: 'u', plan }, MESSAGES.ok);
  const client = await attach(`${container.dir}/x-u`, 2);
  await container.wire.ask(MESSAGES.execGo, { exec: 'u' }, MESSAGES.started);
  expect((await client.output)[1]).toBe('1000:1000:1000 29 44 /home/app\n');
  const evil = execPlanOf({ user: '4294967296' });
  await expect(container.wire.ask(MESSAGES.execPrepare, { exec: 'v', plan: evil }, MESSAGES.ok)).rejects.toMatchObject({
    failure: { step: 'user', errno: 34 },
  });
});
