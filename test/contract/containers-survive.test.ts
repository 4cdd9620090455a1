// Containers over time: policies, health, many at once, clients that leave, and deaths of what serves them.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importBusybox } from '../support/busybox-image.ts';
import { dockerFor } from '../support/docker.ts';
import { TestEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';

let engine: TestEngine;
beforeAll(async () => {
  engine = await TestEngine.start();
  await importBusybox(engine.socket);
});
afterAll(async () => engine[Symbol.asyncDispose]());

const { docker, ok, inspect } = dockerFor(() => engine);

test('a policy brings it back with growing pauses, a person stops that', async () => {
  await ok('run', '-d', '--name', 'tries', '--restart', 'on-failure:2', 'busybox', 'sh', '-c', 'echo try; exit 5');
  await eventually(async () => {
    const { State, RestartCount } = await inspect('tries');
    return State.Status === 'exited' && RestartCount === 2 ? State.ExitCode === 5 : undefined;
  });
  expect(await ok('logs', 'tries')).toBe('try\ntry\ntry');
  await ok('run', '-d', '--name', 'forever', '--restart', 'always', 'busybox', 'sh', '-c', 'sleep 0.05; exit 1');
  await eventually(async () => ((await inspect('forever')).RestartCount >= 2 ? true : undefined));
  await ok('stop', '-t', '0', 'forever');
  const { State, RestartCount } = await inspect('forever');
  expect(State).toMatchObject({ Status: 'exited', Restarting: false });
  expect(await ok('ps', '-q')).toBe('');
  expect((await inspect('forever')).RestartCount).toBe(RestartCount);
  await ok('rm', 'tries', 'forever');
});

test('a client that leaves in the middle of a replay is let go', async () => {
  const options = ['--network', 'none', '--log-opt', 'max-size=8m'];
  await ok('run', '-d', '--name', 'loud', ...options, 'busybox', 'sh', '-c', 'while :; do seq 10000; done');
  await eventually(async () => ((await ok('logs', '--tail', '1000', 'loud')).length > 3000 ? true : undefined));
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      const socket = connect(engine.socket);
      socket.write('POST /containers/loud/attach?logs=1&stream=1&stdout=1 HTTP/1.1\r\nHost: x\r\n\r\n');
      await once(socket, 'readable');
      socket.destroy();
    }),
  );
  const begun = performance.now();
  await ok('rm', '-f', 'loud');
  expect(performance.now() - begun).toBeLessThan(5000);
});

test('an attach with the log gives every byte once, whenever it comes', async () => {
  const loop = 'i=0; while [ $i -lt 3000 ]; do echo "$i: $a"; i=$((i+1)); done';
  const script = `printf "in part"; read a; ${loop}; printf end; read b`;
  const options = ['--network', 'none', '--log-opt', 'max-size=16k', '--log-opt', 'max-file=50'];
  await ok('create', '-i', '--name', 'whole', ...options, 'busybox', 'sh', '-c', script);
  const early = attachWithLog('whole');
  await ok('start', 'whole');
  await early.until('in part');
  const inLine = [attachWithLog('whole'), attachWithLog('whole')];
  await Promise.all(inLine.map(async ({ until }) => await until('in part')));
  early.type('x\n');
  const later = Array.from({ length: 12 }, () => attachWithLog('whole'));
  const all = [early, ...inLine, ...later];
  await Promise.all(all.map(async ({ until }) => await until('end')));
  early.type('y\n');
  const expected = `in part${Array.from({ length: 3000 }, (_, index) => `${index}: x\n`).join('')}end`;
  for (const { whole } of all) expect(await whole).toBe(expected);
  await ok('rm', '-f', 'whole');
});

test('health follows the probes, also under the next engine', async () => {
  const flags = ['--health-cmd', 'cat /tmp/ok', '--health-interval', '100ms', '--health-retries', '2'];
  await ok('run', '-d', '--name', 'patient', '--network', 'none', ...flags, 'busybox', 'sleep', '1000');
  expect((await inspect('patient')).State.Health?.Status).toBe('starting');
  const becomes = async (status: string): Promise<boolean> =>
    await eventually(async () => ((await inspect('patient')).State.Health?.Status === status ? true : undefined));
  expect(await becomes('unhealthy')).toBe(true);
  await ok('exec', 'patient', 'touch', '/tmp/ok');
  expect(await becomes('healthy')).toBe(true);
  expect(await ok('ps', '--format', '{{.Status}}', '--filter', 'health=healthy')).toMatch(/^Up .* \(healthy\)$/);
  await engine.kill();
  await engine.restart();
  await ok('exec', 'patient', 'rm', '/tmp/ok');
  expect(await becomes('unhealthy')).toBe(true);
  await ok('rm', '-f', 'patient');
});

test('fifty starts overlap and leave nothing behind', async () => {
  const names = Array.from({ length: 50 }, (_, index) => `many-${index}`);
  await Promise.all(names.map(async (name) => ok('create', '--name', name, 'busybox', 'sleep', '1000')));
  await ok('start', ...names);
  expect((await ok('ps', '-q')).split('\n')).toHaveLength(50);
  const addresses = await Promise.all(names.map(async (name) => (await inspect(name)).NetworkSettings.IPAddress));
  expect(new Set(addresses).size).toBe(50);
  await ok('rm', '-f', ...names);
  // the default bridge goes a moment after its last container
  await expect.poll(async () => engine.leftovers(), { timeout: 10_000 }).toEqual([]);
});

/** The parent of a process. */
async function parentOf(pid: number): Promise<number> {
  return Number(/^PPid:\s*(\d+)$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]);
}

test('a killed shim takes its container along, and nothing else; it can be started again', async () => {
  await ok('run', '-d', '--name', 'victim', '-p', '18082:80', 'busybox', 'sleep', '1000');
  await ok('run', '-d', '--name', 'bystander', '--network', 'none', 'busybox', 'sleep', '1000');
  const { Pid } = (await inspect('victim')).State;
  process.kill(await parentOf(Pid), 'SIGKILL');
  await eventually(async () => ((await inspect('victim')).State.Status === 'exited' ? true : undefined));
  expect((await inspect('victim')).State).toMatchObject({ ExitCode: 137, Pid: 0 });
  await eventually(
    async () =>
      await readFile(`/proc/${Pid}/status`).then(
        () => undefined,
        () => true,
      ),
  );
  await ok('start', 'victim');
  expect(await ok('exec', 'victim', 'echo', 'back')).toBe('back');
  expect(await ok('exec', 'bystander', 'echo', 'here')).toBe('here');
  await ok('rm', '-f', 'victim', 'bystander');
});

test('what answers names and ports comes again when it is killed', async () => {
  await ok('network', 'create', 'named');
  const serve = ['sh', '-c', 'mkdir /w; echo page >/w/index.html; exec httpd -f -p 80 -h /w'];
  await ok('run', '-d', '--name', 'served', '--network', 'named', '-p', '8080:80', 'busybox', ...serve);
  const look = async (): Promise<string[]> => [
    await ok('exec', 'served', 'nslookup', 'served'),
    ...(await Promise.all(
      ['127.0.0.1', '[::1]'].map(async (host) =>
        engine.netns.check('curl', ['-sf', '--max-time', '1', `http://${host}:8080/`]),
      ),
    )),
  ];
  const before = await eventually(look);
  const { Pid } = (await inspect('served')).State;
  for (let deaths = 0; deaths < 2; deaths += 1) {
    const child = await eventually(async () => netChildOf(Pid));
    process.kill(child, 'SIGKILL');
    const next = await eventually(async () => {
      const now = await netChildOf(Pid);
      return now === child ? undefined : now;
    });
    expect(next).toBeGreaterThan(0);
    expect(await eventually(look)).toEqual(before);
    const taken = await docker('run', '--rm', '-p', '8080:80', 'busybox', 'true');
    expect(taken.stderr).toContain('port is already allocated');
    expect((await engine.netns.check('ss', ['-Htan', 'sport = :8080'])).trim()).not.toBe('');
  }
  await ok('rm', '-f', 'served');
  await ok('network', 'rm', 'named');
});

test('a killed zygote is replaced, and its containers live on', async () => {
  await ok('run', '-d', '--name', 'orphan', '--network', 'none', 'busybox', 'sleep', '1000');
  const { Pid } = (await inspect('orphan')).State;
  process.kill(await parentOf(await parentOf(Pid)), 'SIGKILL');
  expect(await ok('run', '--rm', 'busybox', 'echo', 'next')).toBe('next');
  expect(await ok('exec', 'orphan', 'echo', 'alive')).toBe('alive');
  await ok('stop', '-t', '0', 'orphan');
  expect((await inspect('orphan')).State.ExitCode).toBe(137);
  await ok('rm', 'orphan');
});

test('an engine that is ended and started again finds everything as it was', async () => {
  await ok('run', '-d', '--name', 'stays', '-p', '18081:80', 'busybox', 'httpd', '-f', '-p', '80', '-h', '/etc');
  await ok('create', '--name', 'waits', 'busybox', 'true');
  const before = await inspect('stays');
  await engine.stop();
  await engine.restart();
  const after = await inspect('stays');
  expect(after).toEqual(before);
  expect(await ok('exec', 'stays', 'echo', 'still')).toBe('still');
  const taken = await docker('run', '--rm', '-p', '18081:80', 'busybox', 'true');
  expect(taken.stderr).toContain('port is already allocated');
  expect(await ok('start', '-a', 'waits')).toBe('');
  await ok('rm', '-f', 'stays', 'waits');
});

/** Attaches with the log and stdin; `whole` is its stdout until the end. */
function attachWithLog(name: string): {
  until: (text: string) => Promise<void>;
  type: (text: string) => void;
  whole: Promise<string>;
} {
  const socket = connect(engine.socket);
  socket.write(`POST /containers/${name}/attach?logs=1&stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: x\r\n\r\n`);
  let bytes = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk])));
  return {
    until: async (text) => {
      while (!bytes.includes(text)) await once(socket, 'data');
    },
    type: (text) => void socket.write(text),
    whole: once(socket, 'end').then(() => payload(bytes.subarray(bytes.indexOf('\r\n\r\n') + 4))),
  };
}

/** What frames carry. */
function payload(bytes: Buffer): string {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += 8 + bytes.readUInt32BE(at + 4)) {
    parts.push(bytes.subarray(at + 8, at + 8 + bytes.readUInt32BE(at + 4)));
  }
  return Buffer.concat(parts).toString();
}

/** The process that serves names and ports beside a container's: a child of its shim. */
async function netChildOf(pid: number): Promise<number | undefined> {
  const shim = /^PPid:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
  const children = (await readFile(`/proc/${shim}/task/${shim}/children`, 'utf8')).trim().split(' ');
  for (const child of children) {
    const name = await readFile(`/proc/${child}/comm`, 'utf8').catch(() => '');
    if (name === 'gantry-net\n') return Number(child);
  }
  return undefined;
}
