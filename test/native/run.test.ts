// The thin path of a container in C: launch, prepare, go, output, exit, records, dismiss; and exec in it.
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { processEnv } from '../../src/base/env.ts';
import { ATTACH_FLAGS, MESSAGES, PHASES } from '../../src/engine/shim/records.ts';
import { execPlanOf, FLAGS } from '../support/launch.ts';
import { eventually } from '../support/eventually.ts';
import { attach } from '../support/wire.ts';
import { nativeBinary, TestZygote } from '../support/zygote.ts';

beforeAll(async () => {
  await nativeBinary('gantry-shim');
}, 120_000);

describe('a container', () => {
  it('says hello and ends with its status', async () => {
    await using zygote = await TestZygote.start();
    const container = await zygote.launch({ argv: ['sh', '-c', 'echo hello; echo oops >&2; exit 7'] });
    expect(container.state.phase).toBe(PHASES.prepared);
    expect(await container.run()).toEqual({ status: 7, stdout: 'hello\n', stderr: 'oops\n' });
    expect(await readFile(`${container.dir}/exit`, 'utf8')).toMatch(
      /^status=7\noom=0\nstarted=\d{19}\nfinished=\d{19}\npid=\d+\n/,
    );
    await container.dismiss();
  });

  it('gives an attached client every byte from the first', async () => {
    await using zygote = await TestZygote.start();
    const container = await zygote.launch({ argv: ['sh', '-c', 'echo out; echo err >&2'] });
    const client = await container.attach(ATTACH_FLAGS.stdout | ATTACH_FLAGS.stderr);
    await container.go();
    expect(await client.output).toEqual({ 0: '', 1: 'out\n', 2: 'err\n' });
    expect(client.logOffset).toBe(0n);
  });

  it('ends its stdin when the client does, with stdinOnce', async () => {
    await using zygote = await TestZygote.start();
    const container = await zygote.launch({ argv: ['cat'], flags: FLAGS.stdin | FLAGS.stdinOnce });
    const client = await container.attach(ATTACH_FLAGS.stdin | ATTACH_FLAGS.stdout);
    await container.go();
    const text = 'x'.repeat(300_000);
    client.stream.end(text);
    expect((await client.output)[1]).toBe(text);
    expect((await container.exited()).status).toBe(0);
  });

  it('runs a second process', async () => {
    await using zygote = await TestZygote.start();
    const container = await zygote.launch({ argv: ['sleep', '100'] });
    await container.go();
    const plan = execPlanOf({
      argv: ['sh', '-c', 'cat; echo $$; hostname; exit 3'],
      flags: FLAGS.stdin | FLAGS.stdinOnce,
    });
    await container.wire.ask(MESSAGES.execPrepare, { exec: 'a1', plan }, MESSAGES.ok);
    const client = await attach(`${container.dir}/x-a1`, ATTACH_FLAGS.stdin | ATTACH_FLAGS.stdout);
    client.stream.end('in\n');
    const { pid } = await container.wire.ask(MESSAGES.execGo, { exec: 'a1' }, MESSAGES.started);
    expect(pid).toBeGreaterThan(1);
    expect((await client.output)[1]).toBe(`in\n2\n${container.id}\n`);
    expect(await container.wire.event(MESSAGES.execExited)).toEqual({ exec: 'a1', status: 3 });
  });

  it('has a terminal when it asks for one', async () => {
    await using zygote = await TestZygote.start();
    const container = await zygote.launch({
      argv: ['sh', '-c', 'tty; stty size; read line; echo "got $line"; stty size'],
      flags: FLAGS.tty | FLAGS.stdin,
      rows: 30,
      cols: 100,
    });
    const client = await container.attach(ATTACH_FLAGS.stdin | ATTACH_FLAGS.stdout, true);
    await container.go();
    await client.until('30 100');
    await container.wire.ask(MESSAGES.resize, { exec: '', rows: 40, cols: 90 }, MESSAGES.ok);
    client.stream.write('line\r');
    expect((await client.output)[0]).toMatch(/\/dev\/pts\/0\r\n30 100\r\nline\r\ngot line\r\n40 90\r\n/);
  });
});

it('a waiting shim is small', async () => {
  await using zygote = await TestZygote.start();
  const containers = await Promise.all(
    Array.from({ length: 6 }, async () => await zygote.launch({ argv: ['sh', '-c', 'echo x; sleep 100'] })),
  );
  for (const container of containers) await container.go();
  if (processEnv()['GANTRY_NATIVE'] !== undefined) return; // sanitizers need more
  for (const { shimPid } of containers) {
    const kilobytes = async (field: string): Promise<number> =>
      Number(
        new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(await readFile(`/proc/${shimPid}/smaps_rollup`, 'utf8'))?.[1],
      );
    await eventually(
      async () => ((await kilobytes('Rss')) <= 600 && (await kilobytes('Pss')) <= 200 ? true : undefined),
      50,
    );
  }
}, 30_000);
