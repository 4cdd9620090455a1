// Namespaces that are made, joined and shared; and devices with cgroup v2.
import { readFile, readlink } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { encodeRecord } from '../../src/engine/shim/codec.ts';
import { MESSAGES, PHASES, PLAN, STEPS } from '../../src/engine/shim/records.ts';
import { hierarchies, testCgroups } from '../support/cgroup.ts';
import { execPlanOf, NS } from '../support/launch.ts';
import { attach } from '../support/wire.ts';
import { nativeBinary, TestZygote, type TestContainer } from '../support/zygote.ts';

beforeAll(async () => {
  await nativeBinary('gantry-shim');
}, 120_000);

const LINKS = 'for n in cgroup ipc mnt net pid time uts; do readlink /proc/self/ns/$n; done';

async function links(container: TestContainer): Promise<string[]> {
  await container.wire.ask(
    MESSAGES.execPrepare,
    { exec: 'l', plan: execPlanOf({ argv: ['sh', '-c', LINKS] }) },
    MESSAGES.ok,
  );
  const client = await attach(`${container.dir}/x-l`, 2);
  await container.wire.ask(MESSAGES.execGo, { exec: 'l' }, MESSAGES.started);
  return (await client.output)[1].trim().split('\n');
}

it('are all its own, and an exec is in the same', async () => {
  await using zygote = await TestZygote.start();
  const namespaces = NS.mount | NS.uts | NS.ipc | NS.pid | NS.net | NS.time | NS.cgroup;
  const container = await zygote.launch({ argv: ['sh', '-c', `${LINKS}; sleep 100`], namespaces });
  expect(container.state.phase).toBe(PHASES.prepared);
  const client = await container.attach(2);
  await container.go();
  await client.until('uts:[');
  await client.until(']\n');
  const inside = await links(container);
  const host = await Promise.all(
    ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'uts'].map(async (n) => await readlink(`/proc/self/ns/${n}`)),
  );
  expect(inside.filter((link) => host.includes(link))).toEqual([]);
  const own = await Promise.all(
    ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'time', 'uts'].map(
      async (n) => await readlink(`/proc/${container.state.pid}/ns/${n}`),
    ),
  );
  expect(inside).toEqual(own);
});

it('of another container can be joined: network, ipc and pid', async () => {
  await using zygote = await TestZygote.start();
  const first = await zygote.launch({ argv: ['sleep', '100'] });
  await first.go();
  const join = (type: number, name: string): Buffer =>
    encodeRecord(PLAN.join, { type, path: `/proc/${first.state.pid}/ns/${name}` });
  const second = await zygote.launch({
    argv: ['sh', '-c', 'sleep 100'],
    namespaces: NS.mount | NS.uts,
    extra: [join(NS.net, 'net'), join(NS.ipc, 'ipc'), join(NS.pid, 'pid')],
  });
  expect([STEPS[second.state.step], second.state.errno, second.state.path]).toEqual(['internal', 0, '']);
  await second.go();
  const [ofFirst, ofSecond] = [await links(first), await links(second)];
  expect([1, 3, 4].map((i) => ofFirst[i] === ofSecond[i])).toEqual([true, true, true]);
  expect([2, 6].map((i) => ofFirst[i] === ofSecond[i])).toEqual([false, false]);
  await second.wire.ask(MESSAGES.signal, { signal: 9, exec: '' }, MESSAGES.ok);
  expect((await second.exited()).status).toBe(137);
});

it('show a cgroup namespace from its own leaf', async () => {
  const all = await hierarchies();
  const v2 = all.findIndex((hierarchy) => hierarchy.version === 2);
  await using cgroups = await testCgroups('gantry-native-ns', 'own');
  await using zygote = await TestZygote.start();
  const dir = cgroups.dirs[v2 >= 0 ? v2 : 0] ?? '';
  const container = await zygote.launch({
    argv: ['cat', '/proc/self/cgroup'],
    namespaces: NS.mount | NS.uts | NS.ipc | NS.pid | NS.net | NS.cgroup,
    cgroups: [dir],
  });
  const { stdout } = await container.run();
  expect(stdout).toMatch(v2 >= 0 ? /^0::\/$/m : /:\/$/m);
  await container.dismiss();
});

/** BPF_PROG_TYPE_CGROUP_DEVICE: any may be made, only 1:3 be used. */
function onlyNull(): Buffer {
  const instructions: readonly (readonly [number, number, number, number])[] = [
    [0xb7, 0x00, 0, 1], // r0 = 1
    [0x61, 0x14, 0, 0], // r4 = ctx->access_type
    [0x77, 0x04, 0, 16], // r4 >>= 16
    [0x15, 0x04, 5, 1], // mknod is fine
    [0x61, 0x12, 4, 0], // r2 = ctx->major
    [0x61, 0x13, 8, 0], // r3 = ctx->minor
    [0x55, 0x02, 1, 1], // if r2 != 1 deny
    [0x15, 0x03, 1, 3], // if r3 == 3 leave
    [0xb7, 0x00, 0, 0], // r0 = 0
    [0x95, 0x00, 0, 0],
  ];
  const out = Buffer.alloc(instructions.length * 8);
  instructions.forEach(([code, registers, offset, value], i) => {
    out.writeUInt8(code, i * 8);
    out.writeUInt8(registers, i * 8 + 1);
    out.writeInt16LE(offset, i * 8 + 2);
    out.writeInt32LE(value, i * 8 + 4);
  });
  return out;
}

it('devices are what the v2 program says, and a program that cannot be loaded stops the start', async () => {
  const v2 = (await hierarchies()).findIndex((hierarchy) => hierarchy.version === 2);
  if (v2 < 0) return;
  await using cgroups = await testCgroups('gantry-native-dev', 'dev');
  await using zygote = await TestZygote.start();
  const dir = cgroups.dirs[v2] ?? '';
  const argv = ['sh', '-c', 'echo ok >/dev/null && echo null; head -c 1 /dev/zero || echo no zero'];
  const container = await zygote.launch({
    argv,
    cgroups: [dir],
    extra: [encodeRecord(PLAN.cgroupDevices, { dir, program: onlyNull() })],
  });
  expect([container.state.phase, container.state.path]).toEqual([PHASES.prepared, '']);
  expect((await container.run()).stdout).toBe('null\nno zero\n');
  await container.dismiss();
  const broken = await zygote.launch({
    argv,
    cgroups: [dir],
    extra: [encodeRecord(PLAN.cgroupDevices, { dir, program: Buffer.alloc(8) })],
  });
  expect([broken.state.phase, STEPS[broken.state.step]]).toEqual([PHASES.failed, 'cgroup']);
  await broken.dismiss();
  expect(await readFile(dir).catch(() => 'gone')).toBe('gone');
});
