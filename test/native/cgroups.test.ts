// cgroups of a container: made, filled, entered by run and exec, watched for kills, gone afterwards.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { encodeRecord } from '../../src/engine/shim/codec.ts';
import { MESSAGES, PHASES, PLAN, STEPS } from '../../src/engine/shim/records.ts';
import { testCgroups } from '../support/cgroup.ts';
import { execPlanOf, NS } from '../support/launch.ts';
import { attach } from '../support/wire.ts';
import { nativeBinary, TestZygote } from '../support/zygote.ts';

beforeAll(async () => {
  await nativeBinary('gantry-shim');
}, 120_000);

const file = (dir: string | undefined, name: string, value: string, optional = 0): Buffer =>
  encodeRecord(PLAN.cgroupFile, { dir: dir ?? '/none', file: name, value, optional });

/** cpuset.* must be filled before anything enters, with v1. */
async function cpuset(dir: string | undefined): Promise<Buffer[]> {
  if (dir === undefined || !dir.includes('/cpuset/')) return [];
  const value = async (name: string): Promise<string> => (await readFile(join(dir, '..', name), 'utf8')).trim();
  return [file(dir, 'cpuset.cpus', await value('cpuset.cpus')), file(dir, 'cpuset.mems', await value('cpuset.mems'))];
}

it('hold pid 1 and execs in every hierarchy, with the limits of the plan, and are gone at the end', async () => {
  await using cgroups = await testCgroups('gantry-native-test', 'limits');
  await using zygote = await TestZygote.start();
  const extra = [
    ...(await cpuset(cgroups.leaf('cpuset'))),
    ...(cgroups.leaf('pids') === undefined ? [] : [file(cgroups.leaf('pids'), 'pids.max', '50')]),
    file(cgroups.dirs[0], 'no.such.file', '1', 1),
  ];
  const container = await zygote.launch({ argv: ['sleep', '100'], cgroups: cgroups.dirs, extra });
  expect(container.state.phase).toBe(PHASES.prepared);
  await container.go();
  for (const dir of cgroups.dirs)
    expect((await readFile(join(dir, 'cgroup.procs'), 'utf8')).split('\n')).toContain(String(container.state.pid));
  if (cgroups.leaf('pids') !== undefined)
    expect(await readFile(join(cgroups.leaf('pids') ?? '', 'pids.max'), 'utf8')).toBe('50\n');

  await container.wire.ask(
    MESSAGES.execPrepare,
    { exec: 'c', plan: execPlanOf({ argv: ['cat', '/proc/self/cgroup'] }) },
    MESSAGES.ok,
  );
  const client = await attach(`${container.dir}/x-c`, 2);
  await container.wire.ask(MESSAGES.execGo, { exec: 'c' }, MESSAGES.started);
  const lines = (await client.output)[1].trim().split('\n');
  expect(lines.every((line) => line.endsWith(`/gantry-native-test-${process.pid}/limits`))).toBe(true);

  await container.wire.ask(MESSAGES.signal, { signal: 9, exec: '' }, MESSAGES.ok);
  expect((await container.exited()).status).toBe(137);
  await container.dismiss();
  expect(await cgroups.left()).toEqual([]);
});

it('say which file was refused', async () => {
  await using cgroups = await testCgroups('gantry-native-test2', 'refused');
  await using zygote = await TestZygote.start();
  const dir = cgroups.dirs[0] ?? '';
  const container = await zygote.launch({ cgroups: cgroups.dirs, extra: [file(dir, 'no.such.file', '1')] });
  const { state } = container;
  expect([state.phase, STEPS[state.step], state.errno, state.path]).toEqual([
    PHASES.failed,
    'cgroup',
    2,
    `${dir}/no.such.file`,
  ]);
  await container.dismiss();
  expect(await cgroups.left()).toEqual([]);
});

it('tell of a kill for want of memory', async () => {
  await using cgroups = await testCgroups('gantry-native-test3', 'oom');
  await using zygote = await TestZygote.start();
  const dir = cgroups.leaf('memory') ?? '';
  const version = cgroups.version('memory') ?? 1;
  const limit = version === 1 ? file(dir, 'memory.limit_in_bytes', '16777216') : file(dir, 'memory.max', '16777216');
  const noSwap =
    version === 1 ? file(dir, 'memory.memsw.limit_in_bytes', '16777216', 1) : file(dir, 'memory.swap.max', '0', 1);
  const container = await zygote.launch({
    argv: ['sh', '-c', 'head -c 100m /dev/zero | tail; echo survived'],
    cgroups: [dir],
    extra: [limit, noSwap, encodeRecord(PLAN.oomWatch, { dir, version })],
  });
  expect(container.state.phase).toBe(PHASES.prepared);
  await container.go();
  await container.wire.event(MESSAGES.oomKill);
  expect(await container.exited()).toMatchObject({ status: 0, oom: 1 });
  expect(await readFile(`${container.dir}/exit`, 'utf8')).toContain('oom=1\n');
  await container.dismiss();
  expect(await cgroups.left()).toEqual([]);
});

it('are what ends a container that shares its pid namespace', async () => {
  await using cgroups = await testCgroups('gantry-native-test4', 'shared');
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({
    argv: ['sh', '-c', 'sleep 100 & echo $!; exit 4'],
    namespaces: NS.mount | NS.uts | NS.ipc | NS.net,
    cgroups: cgroups.dirs,
    extra: await cpuset(cgroups.leaf('cpuset')),
  });
  await container.go();
  expect((await container.exited()).status).toBe(4);
  await container.dismiss();
  expect(await cgroups.left()).toEqual([]);
});

it('refuse devices, with version 1', async () => {
  await using cgroups = await testCgroups('gantry-native-test5', 'devices');
  const dir = cgroups.leaf('devices');
  if (dir === undefined) return;
  await using zygote = await TestZygote.start();
  const rules = ['c *:* m', 'b *:* m', 'c 1:3 rwm'].map((rule) => file(dir, 'devices.allow', rule));
  const container = await zygote.launch({
    argv: [
      'sh',
      '-c',
      'echo x >/dev/null && echo null; mknod /tmp/disk b 8 0; head -c 1 /tmp/disk; head -c 1 /dev/zero',
    ],
    cgroups: [dir],
    extra: [file(dir, 'devices.deny', 'a'), ...rules],
  });
  const { stdout, stderr } = await container.run();
  expect(stdout).toBe('null\n');
  expect(stderr).toBe('head: /tmp/disk: Operation not permitted\nhead: /dev/zero: Operation not permitted\n');
  await container.dismiss();
});
