// gantry's own client against gantry's engine: every resource once, and what a client must be able to rely on.
import { createReadStream } from 'node:fs';
import { buffer } from 'node:stream/consumers';
import { PassThrough, type Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CreateContainerBody } from '../../src/api/containers.ts';
import type { Container } from '../../src/client/container.ts';
import { demuxStream } from '../../src/client/demux.ts';
import { Docker } from '../../src/client/docker.ts';
import { finishProgress } from '../../src/client/follow.ts';
import { importBusybox } from '../support/busybox-image.ts';
import { TestEngine } from '../support/engine.ts';
import { busyboxRootfs } from '../support/rootfs.ts';

let engine: TestEngine;
let docker: Docker;
beforeAll(async () => {
  engine = await TestEngine.start();
  await importBusybox(engine.socket);
  docker = new Docker({ host: `unix://${engine.socket}` });
});
afterAll(async () => {
  docker.close();
  await engine[Symbol.asyncDispose]();
});

async function made(
  cmd: readonly string[],
  more: CreateContainerBody = {},
): Promise<AsyncDisposable & { readonly container: Container }> {
  const container = await docker.createContainer({ Image: 'busybox', Cmd: cmd, ...more });
  return { container, [Symbol.asyncDispose]: async () => await container.remove({ force: true, v: true }) };
}

async function split(stream: Readable): Promise<{ out: string; err: string }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const texts = Promise.all([buffer(out), buffer(err)]);
  await demuxStream(stream, out, err);
  out.end();
  err.end();
  const [outText, errText] = await texts;
  return { out: String(outText), err: String(errText) };
}

describe('containers', () => {
  it('attached before the start, nothing is lost, and input ends where it is ended', async () => {
    await using at = await made(['sh', '-c', 'echo first; echo second >&2; cat; echo last'], {
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
    });
    const { stream } = await at.container.attach({ stdin: true, stdout: true, stderr: true });
    await at.container.start();
    stream.end('typed\n');
    expect(await split(stream)).toEqual({ out: 'first\ntyped\nlast\n', err: 'second\n' });
    expect(await at.container.wait()).toMatchObject({ StatusCode: 0 });
  });

  it('wait gives the exit code, also to one who waits before the start', async () => {
    await using at = await made(['sh', '-c', 'exit 9']);
    const waiting = at.container.wait({ condition: 'next-exit' });
    await at.container.start();
    expect((await waiting).StatusCode).toBe(9);
  });

  it('logs keep both streams, tail and follow', async () => {
    await using at = await made(['sh', '-c', 'seq 1 5; echo bad >&2']);
    await at.container.start();
    await at.container.wait();
    const followed = await at.container.logs({ follow: true, stdout: true, stderr: true });
    expect(await split(followed)).toEqual({ out: '1\n2\n3\n4\n5\n', err: 'bad\n' });
    // lines are counted over both streams
    const tail = await at.container.logs({ stdout: true, stderr: true, tail: 2 });
    expect(tail.toString().split('\n').length - 1).toBe(2);
  });

  it('start, stop, restart, kill, rename and remove change what inspect and list show', async () => {
    await using at = await made(['sleep', '1000'], { StopSignal: 'SIGKILL' });
    const { container } = at;
    const status = async (): Promise<string> => (await container.inspect()).State.Status;
    await container.start();
    await expect(container.start()).rejects.toMatchObject({ statusCode: 304 });
    await container.stop();
    expect(await status()).toBe('exited');
    await container.restart();
    await container.rename({ name: 'renamed' });
    expect((await docker.listContainers({ filters: { name: ['renamed'] } })).map((item) => item.Names)).toEqual([
      ['/renamed'],
    ]);
    await expect(container.remove()).rejects.toMatchObject({ statusCode: 409 });
    await container.kill();
    await container.wait();
    expect(await status()).toBe('exited');
  });

  it('twenty at once do not disturb each other', async () => {
    const all = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => await made(['sh', '-c', `exit ${index}`])),
    );
    const codes = await Promise.all(
      all.map(async ({ container }) => {
        const ended = container.wait({ condition: 'next-exit' });
        await container.start();
        return (await ended).StatusCode;
      }),
    );
    expect(codes).toEqual(Array.from({ length: 20 }, (_, index) => index));
    await Promise.all(all.map(async (at) => await at[Symbol.asyncDispose]()));
  });

  it("what is not there is a 404 with Docker's words", async () => {
    await expect(docker.getContainer('nope').start()).rejects.toMatchObject({
      statusCode: 404,
      message: 'No such container: nope',
    });
    await expect(docker.createContainer({ Image: 'nope' })).rejects.toMatchObject({
      statusCode: 404,
      message: 'No such image: nope:latest',
    });
    await expect(docker.getNetwork('nope').inspect()).rejects.toMatchObject({
      statusCode: 404,
      message: 'network nope not found',
    });
    await expect(docker.getVolume('nope').inspect()).rejects.toMatchObject({
      statusCode: 404,
      message: 'get nope: no such volume',
    });
  });
});

it('exec gives output, status, and takes input', async () => {
  await using at = await made(['sleep', '1000']);
  await at.container.start();
  const exec = await at.container.exec({
    Cmd: ['sh', '-c', 'cat; echo no >&2; exit 3'],
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
  });
  const { stream } = await exec.start();
  stream.end('yes\n');
  expect(await split(stream)).toEqual({ out: 'yes\n', err: 'no\n' });
  expect(await exec.inspect()).toMatchObject({ Running: false, ExitCode: 3 });
});

it('events come in order to whoever has the stream open', async () => {
  await using at = await made(['true']);
  const stream = await docker.getEvents({ filters: { type: ['container'], container: [at.container.id] } });
  await at.container.start();
  const actions: string[] = [];
  for await (const event of stream.events) {
    actions.push(event.Action);
    if (event.Action === 'die') break;
  }
  expect(actions).toEqual(['start', 'die']);
});

it('networks and volumes are made, listed, used and removed', async () => {
  const network = await docker.createNetwork({ Name: 'own', Labels: { a: 'b' } });
  expect((await docker.listNetworks({ filters: { label: ['a=b'] } })).map((at) => at.Name)).toEqual(['own']);
  const volume = await docker.createVolume({ Name: 'data' });
  {
    await using at = await made(['sleep', '1000'], {
      HostConfig: { NetworkMode: 'own', Mounts: [{ Type: 'volume', Source: 'data', Target: '/d' }] },
    });
    await at.container.start();
    expect(Object.keys((await network.inspect()).Containers)).toEqual([at.container.id]);
    await expect(network.remove()).rejects.toMatchObject({ statusCode: 403 });
    await expect(volume.remove()).rejects.toMatchObject({ statusCode: 409 });
  }
  await network.remove();
  await volume.remove();
  await volume.remove({ force: true });
  expect((await docker.listVolumes()).Volumes).toEqual([]);
});

it('images are imported, tagged, shown and removed', async () => {
  const { tar } = await busyboxRootfs();
  const progress = await docker.importImage(createReadStream(tar), {
    repo: 'imported',
    tag: '1',
    changes: ['ENV A=b', 'CMD ["true"]'],
  });
  const id = (await finishProgress(progress)).at(-1)?.status;
  expect(id).toMatch(/^sha256:[0-9a-f]{64}$/);
  const image = docker.getImage('imported:1');
  expect(await image.inspect()).toMatchObject({ Id: id, Config: { Env: ['A=b'], Cmd: ['true'] } });
  expect(await image.history()).toHaveLength(1);
  await image.tag({ repo: 'other/name', tag: '2' });
  expect((await docker.listImages({ filters: { reference: ['other/name'] } })).map((at) => at.Id)).toEqual([id]);
  expect(await docker.getImage('other/name:2').remove()).toEqual([{ Untagged: 'other/name:2' }]);
  expect(await image.remove()).toContainEqual({ Untagged: 'imported:1' });
});

it('version, info and ping answer', async () => {
  expect(String(await docker.ping())).toBe('OK');
  expect(docker.modem.apiVersion).toBe('1.51');
  expect(await docker.version()).toMatchObject({ Os: 'linux' });
  expect(await docker.info()).toMatchObject({ OSType: 'linux' });
});

it('an aborted call ends, and leaves the engine well', async () => {
  await using at = await made(['sleep', '1000']);
  await at.container.start();
  const controller = new AbortController();
  const waiting = at.container.wait({ abortSignal: controller.signal });
  controller.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'base/aborted' });
  expect((await at.container.inspect()).State.Running).toBe(true);
});
