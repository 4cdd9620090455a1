// Attacks by a container that runs while others are started or entered; each names the class it stands for.
import { createHash } from 'node:crypto';
import { mkdir, readFile, readdir } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { MESSAGES, PHASES } from '../../src/engine/shim/records.ts';
import { DEFAULT_CAPS, execPlanOf } from '../support/launch.ts';
import { nativeBinary, TestZygote, type TestContainer } from '../support/zygote.ts';

let binary = '';

beforeAll(async () => {
  binary = await nativeBinary('gantry-shim');
}, 120_000);

async function execTimes(container: TestContainer, count: number): Promise<void> {
  const plan = execPlanOf({ argv: ['true'] });
  for (let i = 0; i < count; i += 1) {
    const exec = `e${i}`;
    await container.wire.ask(MESSAGES.execPrepare, { exec, plan }, MESSAGES.ok);
    await container.wire.ask(MESSAGES.execGo, { exec }, MESSAGES.started);
    await container.wire.event(MESSAGES.execExited);
  }
}

/** Runs a loop in a container with SYS_PTRACE, the most an attacker gets without being privileged. */
async function attacker(
  zygote: TestZygote,
  script: string,
  mounts: { source: string; target: string; flags: number }[] = [],
): Promise<TestContainer> {
  const container = await zygote.launch({
    // pid 1 waits: what `timeout` sends to pid 1 of its own namespace would be ignored
    argv: ['sh', '-c', 'timeout -s KILL 50 sh -c "$0"; true', `echo go; ${script}`],
    caps: DEFAULT_CAPS | (1n << 19n),
    mounts,
  });
  const client = await container.attach(2);
  await container.go();
  await client.until('go\n');
  client.stream.destroy();
  return container;
}

const sha = async (path: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

it('a container cannot write to what enters it (CVE-2019-5736)', async () => {
  await using zygote = await TestZygote.start();
  const before = await sha(binary);
  const script =
    'while :; do for p in /proc/[0-9]*; do case $p in /proc/1|/proc/2) ;; *) echo evil 2>/dev/null >$p/exe && [ "$(head -c 4 $p/exe)" = evil ] && echo WRITTEN; esac; done; done 2>/dev/null';
  const container = await attacker(zygote, script);
  await execTimes(container, 60);
  expect(await sha(binary)).toBe(before);
  expect((await container.logLines()).map((line) => line.log)).not.toContain('WRITTEN\n');
}, 60_000);

it('a container sees no host folder or descriptor of what enters it (CVE-2016-9962)', async () => {
  await using zygote = await TestZygote.start();
  const script = `me=$(stat -c %d:%i /); while :; do for p in /proc/[0-9]*; do
    for f in $p/root $p/cwd $p/fd/*; do [ -d $f ] && at=$(stat -L -c %d:%i $f/.) && [ $at != $me ] && case $(readlink $f) in /proc*|"") ;; *) echo LEAK $f $(readlink $f) $at; esac; done; done; done 2>/dev/null`;
  const container = await attacker(zygote, script);
  await execTimes(container, 60);
  expect((await container.logLines()).map((line) => line.log).filter((line) => line.startsWith('LEAK'))).toEqual([]);
}, 240_000);

it('a link that flips under a mount target leads nowhere outside (CVE-2021-30465)', async () => {
  await using zygote = await TestZygote.start();
  const volume = `${zygote.root}/shared`;
  const outside = `${zygote.root}/outside`;
  await mkdir(volume);
  await mkdir(outside);
  const mounts = [{ source: volume, target: '/vol', flags: 2 }];
  await attacker(
    zygote,
    `cd /vol; mkdir d; while :; do mv d e; ln -s ${'../'.repeat(12)}${outside.slice(1)} d; rm d; mv e d; done`,
    mounts,
  );
  for (let i = 0; i < 60; i += 1) {
    const inner = [...mounts, { source: volume, target: '/vol/d/deep', flags: 2 }];
    const container = await zygote.launch({ mounts: inner, argv: ['sh', '-c', 'touch /vol/d/deep/mark'] });
    if (container.state.phase === PHASES.prepared) {
      await container.go();
      await container.exited();
    }
    await container.dismiss();
  }
  expect(await readdir(outside)).toEqual([]);
}, 60_000);

it('a swapped /dev cannot turn a mask into a door (CVE-2025-31133)', async () => {
  await using zygote = await TestZygote.start();
  const volume = `${zygote.root}/dev`;
  await mkdir(volume);
  const before = await readFile('/proc/sys/kernel/core_pattern', 'utf8');
  const mounts = [{ source: volume, target: '/dev', flags: 2 }];
  await attacker(
    zygote,
    'cd /vol; while :; do rm -f null; ln -s /proc/sys/kernel/core_pattern null; rm -f null; mknod null c 1 3; done',
    [{ source: volume, target: '/vol', flags: 2 }],
  );
  for (let i = 0; i < 40; i += 1) {
    const container = await zygote.launch({
      mounts,
      argv: [
        'sh',
        '-c',
        'echo evil >/proc/sys/kernel/core_pattern; for f in /proc/keys /proc/timer_list; do echo evil >$f; done',
      ],
    });
    if (container.state.phase === PHASES.prepared) {
      await container.go();
      await container.exited();
    }
    await container.dismiss();
  }
  expect(await readFile('/proc/sys/kernel/core_pattern', 'utf8')).toBe(before);
}, 60_000);

it('numbers are never those of another process', async () => {
  await using zygote = await TestZygote.start();
  const container = await zygote.launch({ argv: ['sleep', '100'] });
  await container.go();
  process.kill(container.state.pid, 'SIGKILL');
  await container.exited();
  const late = container.wire.ask(MESSAGES.signal, { signal: 9, exec: '' }, MESSAGES.ok);
  await expect(late).rejects.toMatchObject({ failure: { step: 'state', errno: 3 } });
});
