// Delivery over a real registry with TLS by a private authority and a password: one engine pushes, another one in a
// network namespace of its own pulls, takes a new version and goes back by digest. No layer is sent twice.
import { mkdir, mkdtemp, copyFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Docker } from '../../src/client/docker.ts';
import { finishProgress, type ProgressLine } from '../../src/client/follow.ts';
import { importBusybox } from '../support/busybox-image.ts';
import { TestEngine } from '../support/engine.ts';
import { joinNetns } from '../support/netns.ts';
import { TestRegistry } from '../support/registry.ts';

const HOST = '10.99.0.1:5000';
const NAME = `${HOST}/lab/app`;
const AUTH = { username: 'me', password: 's3cret', serveraddress: HOST };

interface Aux {
  readonly aux?: { readonly Digest: string };
}

async function push(docker: Docker, tag: string): Promise<{ digest: string; lines: readonly ProgressLine[] }> {
  const lines = await finishProgress(await docker.getImage(NAME).push({ tag, authconfig: AUTH }));
  return { digest: (lines.at(-1) as Aux).aux?.Digest ?? '', lines };
}

async function pull(docker: Docker, reference: string): Promise<string> {
  const lines = await finishProgress(await docker.pull(reference, { authconfig: AUTH }));
  return lines.at(-1)?.status ?? '';
}

/** Runs a command in a container of an image, and gives what it came to. */
async function run(docker: Docker, image: string, command: string): Promise<{ id: string; status: number }> {
  const container = await docker.createContainer({ Image: image, Cmd: ['sh', '-c', command] });
  await container.start();
  const { StatusCode } = await container.wait();
  return { id: container.id, status: StatusCode };
}

const states = (lines: readonly ProgressLine[]): readonly string[] =>
  lines
    .flatMap(({ status, id, progress }) => (id === undefined || progress !== undefined ? [] : [status ?? '']))
    .sort();

it('carries versions from one engine to another, and back to the old one', async () => {
  const settings = await mkdtemp(join(tmpdir(), 'settings-'));
  try {
    const env = { GANTRY_CONFIG: settings };
    await using maker = await TestEngine.start({ env });
    await using user = await TestEngine.start({ env });
    await using links = new AsyncDisposableStack();
    links.defer(async () => {
      await maker.netns.check('ip', ['link', 'del', 'lan0']);
    });
    await joinNetns(maker.netns, user.netns);
    const options = { netns: maker.netns, listen: HOST, withPassword: true, withTls: true };
    await using registry = await TestRegistry.start(options);
    if (registry === undefined) return;
    const [one, two] = [maker, user].map(({ socket }) => new Docker({ host: `unix://${socket}` }));
    if (one === undefined || two === undefined) throw new Error('two engines');
    await importBusybox(maker.socket);
    await one.getImage('busybox').tag({ repo: NAME, tag: '1' });

    // an authority nobody knows is refused, and the folder it belongs into is named
    await expect(push(one, '1')).rejects.toThrow(
      /certificate signed by unknown authority|unable to verify|self-signed/,
    );
    await expect(push(one, '1')).rejects.toMatchObject({
      hint: expect.stringContaining(`certs.d/${HOST}/ca.crt`) as string,
    });
    await mkdir(join(settings, 'certs.d', HOST), { recursive: true });
    await copyFile(registry.authority, join(settings, 'certs.d', HOST, 'ca.crt'));
    const refused = async (): Promise<unknown> => finishProgress(await one.getImage(NAME).push({ tag: '1' }));
    await expect(refused()).rejects.toMatchObject({
      message: 'no basic auth credentials',
      hint: `gantry login ${HOST}`,
    });
    await expect(one.checkAuth({ ...AUTH, password: 'wrong' })).rejects.toMatchObject({ statusCode: 401 });
    expect(await one.checkAuth(AUTH)).toMatchObject({ Status: 'Login Succeeded' });

    const first = await push(one, '1');
    expect(states(first.lines)).toEqual(['Preparing', 'Pushed']);
    const made = await run(one, `${NAME}:1`, 'echo two > /version');
    await one.getContainer(made.id).commit({ repo: NAME, tag: '2' });
    await one.getContainer(made.id).remove();
    const second = await push(one, '2');
    expect(states(second.lines)).toEqual(['Layer already exists', 'Preparing', 'Preparing', 'Pushed']);

    expect(await pull(two, `${NAME}:1`)).toBe(`Status: Downloaded newer image for ${NAME}:1`);
    const old = await registry.sentBlobs();
    const missing = await run(two, `${NAME}:1`, 'test ! -e /version');
    expect(missing.status).toBe(0);
    expect(await pull(two, `${NAME}:2`)).toBe(`Status: Downloaded newer image for ${NAME}:2`);
    const there = await run(two, `${NAME}:2`, 'test "$(cat /version)" = two');
    expect(there.status).toBe(0);
    // the new configuration and the new layer, nothing that was there
    const fresh = (await registry.sentBlobs()).slice(old.length);
    expect(fresh).toHaveLength(2);
    expect(fresh.filter((digest) => old.includes(digest))).toEqual([]);
    expect(await pull(two, `${NAME}@${first.digest}`)).toBe(`Status: Image is up to date for ${NAME}@${first.digest}`);
    expect(await registry.sentBlobs()).toHaveLength(old.length + 2);
    expect(await two.getImage(`${NAME}:2`).distribution({ authconfig: AUTH })).toMatchObject({
      Descriptor: { digest: second.digest },
      Platforms: [{ architecture: 'amd64', os: 'linux' }],
    });
    const nothing = two.pull(`${NAME}:3`, { authconfig: AUTH });
    await expect(nothing).rejects.toThrow(`manifest for ${NAME}:3 not found: manifest unknown: manifest unknown`);
    for (const { id } of [missing, there]) await two.getContainer(id).remove();
    for (const docker of [one, two]) docker.close();
  } finally {
    await rm(settings, { recursive: true, force: true });
  }
});
