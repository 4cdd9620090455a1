// The real dockerode against the engine: the calls testcontainers and scripts make, with and without hijack.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import Docker from 'dockerode';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importBusybox } from '../support/busybox-image.ts';
import { TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let docker: Docker;
beforeAll(async () => {
  engine = await TestEngine.start();
  await importBusybox(engine.socket);
  docker = new Docker({ socketPath: engine.socket });
});
afterAll(async () => engine[Symbol.asyncDispose]());

async function running(
  cmd: string[],
  more: object = {},
): Promise<AsyncDisposable & { readonly container: Docker.Container }> {
  const container = await docker.createContainer({ Image: 'busybox', Cmd: cmd, ...more });
  await container.start();
  return {
    container,
    async [Symbol.asyncDispose]() {
      await container.remove({ force: true, v: true });
    },
  };
}

/** stdout and stderr of a multiplexed stream that ends. */
async function demuxed(stream: NodeJS.ReadableStream): Promise<{ out: string; err: string }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, out, err);
  stream.on('end', () => [out, err].forEach((end) => end.end()));
  const [outText, errText] = await Promise.all([text(out), text(err)]);
  return { out: outText, err: errText };
}

test('info, version, ping', async () => {
  expect(String(await docker.ping())).toBe('OK');
  expect(await docker.version()).toMatchObject({ Os: 'linux', ApiVersion: '1.51' });
  expect(await docker.info()).toMatchObject({
    OSType: 'linux',
    Swarm: { LocalNodeState: 'inactive' },
    Driver: 'overlay2',
  });
});

test('run gives exit code and both streams', async () => {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const options = { Tty: false, HostConfig: { AutoRemove: false } };
  const [result, container] = (await docker.run(
    'busybox',
    ['sh', '-c', 'echo out; echo err >&2; exit 3'],
    [out, err],
    options,
  )) as [{ StatusCode: number }, Docker.Container];
  expect(result.StatusCode).toBe(3);
  expect(String(out.read())).toBe('out\n');
  expect(String(err.read())).toBe('err\n');
  await container.remove();
});

test('exec with hijack: stdin to cat comes back as one frame, then the end', async () => {
  await using run = await running(['sleep', '1000']);
  const exec = await run.container.exec({ Cmd: ['cat'], AttachStdin: true, AttachStdout: true });
  const stream = await exec.start({ hijack: true, stdin: true });
  const answer = buffer(stream);
  stream.end('stdin of mine');
  expect(await answer).toEqual(Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 13]), Buffer.from('stdin of mine')]));
  expect(await exec.inspect()).toMatchObject({ Running: false, ExitCode: 0 });
});

test('exec without hijack, as testcontainers does', async () => {
  await using run = await running(['sleep', '1000']);
  const exec = await run.container.exec({
    Cmd: ['sh', '-c', 'echo a; echo b >&2; exit 4'],
    AttachStdout: true,
    AttachStderr: true,
  });
  expect(await demuxed(await exec.start({ stdin: true, Detach: false, Tty: false }))).toEqual({
    out: 'a\n',
    err: 'b\n',
  });
  expect((await exec.inspect()).ExitCode).toBe(4);
});

test('what a process wrote is not lost when it ends before it reads its stdin', async () => {
  await using run = await running(['sleep', '1000']);
  for (let round = 0; round < 40; round += 1) {
    const exec = await run.container.exec({ Cmd: ['echo', 'last words'], AttachStdin: true, AttachStdout: true });
    const stream = await exec.start({ hijack: true, stdin: true });
    stream.write('nobody reads this');
    expect((await demuxed(stream)).out).toBe('last words\n');
  }
}, 20_000);

test('exec detached answers at once', async () => {
  await using run = await running(['sleep', '1000']);
  const exec = await run.container.exec({ Cmd: ['sleep', '0.1'] });
  await exec.start({ Detach: true });
  await expect.poll(async () => (await exec.inspect()).ExitCode, { timeout: 5000 }).toBe(0);
});

test.each([true, false])('attach before start loses no byte (hijack: %s)', async (hijack) => {
  const container = await docker.createContainer({
    Image: 'busybox',
    Cmd: ['sh', '-c', 'echo first; echo second >&2'],
  });
  const stream = await container.attach({ stream: true, stdout: true, stderr: true, hijack });
  const answer = demuxed(stream);
  await container.start();
  expect(await answer).toEqual({ out: 'first\n', err: 'second\n' });
  await container.wait(); // the streams end before the container's end is known, with Docker too
  await container.remove();
});

test('attach with stdin and half-close', async () => {
  const container = await docker.createContainer({
    Image: 'busybox',
    Cmd: ['sort'],
    OpenStdin: true,
    StdinOnce: true,
    AttachStdin: true,
  });
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, hijack: true });
  const answer = demuxed(stream);
  await container.start();
  stream.end('b\na\n');
  expect((await answer).out).toBe('a\nb\n');
  expect(await container.wait()).toMatchObject({ StatusCode: 0 });
  await container.remove();
});

test('logs: all at once, the tail, and followed to the end', async () => {
  await using run = await running(['sh', '-c', 'for i in 1 2 3; do echo line $i; done; sleep 0.3; echo last']);
  const followed = demuxed(await run.container.logs({ follow: true, stdout: true, stderr: true }));
  expect((await followed).out).toBe('line 1\nline 2\nline 3\nlast\n');
  const tail = await run.container.logs({ follow: false, stdout: true, tail: 1 });
  expect(tail.subarray(8).toString()).toBe('last\n');
});

test('errors carry status, reason and the message of the engine', async () => {
  await expect(docker.getContainer('nope').inspect()).rejects.toMatchObject({
    statusCode: 404,
    message: expect.stringContaining('No such container: nope') as string,
  });
  await expect(docker.createContainer({ Image: 'missing:1' })).rejects.toMatchObject({
    statusCode: 404,
    message: expect.stringContaining('No such image: missing:1') as string,
  });
  await using run = await running(['sleep', '1000'], { name: 'taken' });
  await expect(docker.createContainer({ Image: 'busybox', name: 'taken' })).rejects.toMatchObject({ statusCode: 409 });
  await expect(run.container.start()).rejects.toMatchObject({ statusCode: 304 });
  await expect(run.container.remove()).rejects.toMatchObject({ statusCode: 409 });
});

test('a whole container configuration in the query does no harm', async () => {
  const env = Array.from({ length: 4000 }, (_, index) => `VARIABLE_${index}=${'x'.repeat(40)}`);
  const container = await docker.createContainer({ Image: 'busybox', Env: env });
  expect((await container.inspect()).Config.Env.length).toBeGreaterThanOrEqual(4000);
  await container.remove();
});

test('networks: create, connect, find by name, disconnect, remove', async () => {
  const network = await docker.createNetwork({ Name: 'dnet' });
  await using server = await running(['sh', '-c', 'echo hi > /index.html; exec httpd -f -p 80 -h /'], {
    name: 'server',
  });
  await network.connect({ Container: server.container.id, EndpointConfig: { Aliases: ['www'] } });
  const members = ((await network.inspect()) as { Containers: Record<string, { Name: string; IPv4Address: string }> })
    .Containers;
  expect(members[server.container.id]).toMatchObject({
    Name: 'server',
    IPv4Address: expect.stringMatching(/^172\.\d+\.0\.2\/16$/) as string,
  });
  await using client = await running(['sleep', '1000'], { HostConfig: { NetworkMode: 'dnet' } });
  const exec = await client.container.exec({
    Cmd: ['wget', '-qO-', 'http://www/'],
    AttachStdout: true,
    AttachStderr: true,
  });
  expect(await demuxed(await exec.start({}))).toEqual({ out: 'hi\n', err: '' });
  await expect(network.remove()).rejects.toMatchObject({ statusCode: 403 });
  await network.disconnect({ Container: server.container.id });
  await network.disconnect({ Container: client.container.id, Force: true });
  await network.remove();
});

test('events tell of a whole life in order', async () => {
  const stream = await docker.getEvents({ filters: { type: ['container'], label: ['watched=yes'] } });
  const seen: string[] = [];
  stream.on('data', (line: Buffer) => {
    for (const event of line.toString().trim().split('\n')) seen.push((JSON.parse(event) as { Action: string }).Action);
  });
  const container = await docker.createContainer({
    Image: 'busybox',
    Cmd: ['sleep', '1000'],
    Labels: { watched: 'yes' },
  });
  await container.start();
  await container.stop({ t: 0 });
  await container.remove();
  await expect.poll(() => seen.at(-1)).toBe('destroy');
  stream.destroy();
  expect(seen).toEqual(['create', 'start', 'kill', 'kill', 'die', 'stop', 'destroy']);
});

test('a build of a folder, followed to its end, and one that fails', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-dockerode-'));
  await writeFile(join(folder, 'Dockerfile'), 'FROM busybox\nARG WHO\nCOPY note /note\nRUN echo "$WHO $(cat /note)"\n');
  await writeFile(join(folder, 'note'), 'noted');
  const build = async (options: object): Promise<string> => {
    const stream = await docker.buildImage({ context: folder, src: ['Dockerfile', 'note'] }, options);
    return await new Promise((resolve, reject) => {
      docker.modem.followProgress(stream, (error, lines) => {
        if (error === null) resolve(JSON.stringify(lines));
        else reject(error);
      });
    });
  };
  const lines = await build({ t: 'by-dockerode:1', buildargs: { WHO: 'somebody' }, labels: { a: 'b' } });
  expect(lines).toContain('somebody noted');
  expect(lines).toContain('Successfully tagged by-dockerode:1');
  await writeFile(join(folder, 'Dockerfile'), 'FROM busybox\nRUN exit 4\n');
  expect(await build({ forcerm: true })).toContain(
    '"error":"The command \'/bin/sh -c exit 4\' returned a non-zero code: 4',
  );
  await rm(folder, { recursive: true });
});
