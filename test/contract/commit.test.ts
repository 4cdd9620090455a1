// A container becomes an image: files, whiteouts, configuration by Docker's rules, history, events.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageInspect } from '../../src/api/objects.ts';
import { callApi, eventsSince } from '../support/api.ts';
import { importBusybox } from '../support/busybox-image.ts';
import { dockerFor } from '../support/docker.ts';
import { TestEngine } from '../support/engine.ts';

let engine: TestEngine;
const { docker, ok } = dockerFor(() => engine);

beforeAll(async () => {
  engine = await TestEngine.start();
  await importBusybox(engine.socket);
});

afterAll(async () => {
  await ok('system', 'prune', '-f');
  await engine[Symbol.asyncDispose]();
});

async function image(name: string): Promise<ImageInspect> {
  return JSON.parse((await callApi(engine.socket, `/images/${name}/json`)).body) as ImageInspect;
}

describe('commit', () => {
  it('makes a runnable image of a running container, which stands still meanwhile', async () => {
    const since = Date.now() / 1000;
    const script = 'echo new >/made; rm /etc/group; mkdir -p /d; chmod 700 /d; echo up; sleep 1000';
    const id = await ok(
      'run',
      '-d',
      '--net',
      'none',
      '--name',
      'c1',
      '-e',
      'A=1',
      '-l',
      'k=v',
      'busybox',
      'sh',
      '-c',
      script,
    );
    await expect.poll(async () => await ok('logs', 'c1')).toBe('up');
    const made = await ok(
      'commit',
      '-a',
      'Ada',
      '-m',
      'two files',
      '-c',
      'ENV B=2',
      '-c',
      'CMD ["cat","/made"]',
      'c1',
      'emma:v2',
    );
    expect(await ok('run', '--rm', '--net', 'none', 'emma:v2')).toBe('new');
    expect(
      await ok('run', '--rm', '--net', 'none', 'emma:v2', 'sh', '-c', 'stat -c %a /d; ls /etc/group 2>&1; echo $A$B'),
    ).toBe('700\nls: /etc/group: No such file or directory\n12');
    const inspected = await image('emma:v2');
    const base = await image('busybox');
    expect(inspected).toMatchObject({ Id: made, Parent: base.Id, Author: 'Ada', Comment: 'two files' });
    expect(inspected.RootFS.Layers).toEqual([...base.RootFS.Layers, expect.stringMatching(/^sha256:/)]);
    expect(inspected.Config).toMatchObject({ Cmd: ['cat', '/made'], Labels: { k: 'v' }, Image: 'busybox' });
    expect(inspected.Config.Env).toEqual(expect.arrayContaining(['A=1', 'B=2']));
    const history = await ok('history', '--no-trunc', '--format', '{{.ID}} {{.CreatedBy}} {{.Comment}}', 'emma:v2');
    expect(history.split('\n')).toEqual([
      `${made} sh -c ${script} two files`,
      expect.stringMatching(new RegExp(`^${base.Id} `)),
    ]);
    const seen = (await eventsSince(engine.socket, since)).filter(({ Actor }) => Actor.ID === id);
    const actions = seen.map(({ Action }) => Action).filter((action) => /pause|commit/.test(action));
    expect(actions).toEqual(['pause', 'commit', 'unpause']);
    expect(seen.find(({ Action }) => Action === 'commit')?.Actor.Attributes).toMatchObject({
      comment: 'two files',
      imageID: made,
      imageRef: 'emma:v2',
    });
    await ok('rm', '-f', 'c1');
    await ok('rmi', 'emma:v2');
  });

  it('adds no layer when nothing was written, and pauses nothing when it is not asked to', async () => {
    await ok('create', '--net', 'none', '--name', 'c2', 'busybox', 'true');
    const id = await ok('commit', '-p=false', 'c2');
    const inspected = await image(id);
    const base = await image('busybox');
    expect(inspected.RootFS).toEqual(base.RootFS);
    expect(inspected.RepoTags).toEqual([]);
    expect(await ok('history', '-q', '--no-trunc', id)).toBe(`${id}\n${base.Id}`);
    await ok('rm', 'c2');
    await ok('rmi', id);
  });

  it('drops the command under a new entrypoint', async () => {
    await ok('create', '--net', 'none', '--name', 'c3', 'busybox', 'echo', 'x');
    const id = await ok('commit', '-c', 'ENTRYPOINT ["echo","entry"]', 'c3');
    expect((await image(id)).Config).toMatchObject({ Entrypoint: ['echo', 'entry'], Cmd: null });
    expect(await ok('run', '--rm', '--net', 'none', id)).toBe('entry');
    await ok('rm', 'c3');
    await ok('rmi', id);
  });

  it.each([
    [['nobody'], 'No such container: nobody'],
    [['c4', 'UPPER'], 'must be lowercase'],
    [['-c', 'RUN x', 'c4'], 'RUN is not a valid change command'],
  ])('refuses %j', async (args, message) => {
    await ok('create', '--net', 'none', '--name', 'c4', 'busybox', 'true');
    const { status, stderr } = await docker('commit', ...args);
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
    await ok('rm', 'c4');
  });
});
