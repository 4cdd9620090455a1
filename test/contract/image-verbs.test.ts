// gantry's own save, load, import and commit, below `docker` and for services, and the dockerode calls for them.
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import Docker from 'dockerode';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runChecked } from '../../src/base/process.ts';
import { CliLab } from '../support/cli.ts';
import { tarOf } from '../support/tar.ts';

let lab: CliLab;
beforeAll(async () => {
  lab = await CliLab.create();
});
afterAll(async () => lab[Symbol.asyncDispose]());

const docker = async (...words: string[]): Promise<string> => await lab.ok('docker', ...words);
const file = (name: string): string => join(lab.folder, name);

describe('save and load', () => {
  test('move images by a file, which appears whole', async () => {
    await docker('tag', 'busybox', 'me/box:1');
    await docker('save', '-o', file('two.tar'), 'busybox', 'me/box:1');
    expect((await stat(file('two.tar'))).mode & 0o777).toBe(0o600);
    await docker('rmi', 'me/box:1');
    expect(await docker('load', '-i', file('two.tar'))).toBe('Loaded image: busybox:latest\nLoaded image: me/box:1\n');
    expect(await docker('image', 'ls', '-q', 'me/box')).toBe(await docker('images', '-q', 'busybox'));
    await docker('rmi', 'me/box:1');
    const missing = await lab.run('docker', 'save', '-o', file('none.tar'), 'busybox', 'nobody');
    expect(missing).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('No such image: nobody:latest') as string,
    });
    expect(await readdir(lab.folder)).not.toContainEqual(expect.stringContaining('none'));
  });

  test.each([
    [['save', '-o', 'no/such/x.tar', 'busybox'], 'there is no folder no/such'],
    [['save', '-o', '/tmp', 'busybox'], 'it is a folder'],
    [['load', '-i', 'nothing.tar'], 'no such file: nothing.tar'],
    [['load', '-i', '/tmp'], 'is a folder, not an archive'],
    [['load'], 'this is no archive of images'],
  ])('%j is refused', async (words, message) => {
    const { status, stderr } = await lab.run('docker', ...words);
    expect([status, stderr]).toEqual([1, expect.stringContaining(message)]);
  });
});

describe('import', () => {
  test('takes a file, standard input and a URL, with changes and a message', async () => {
    const tar = gzipSync(tarOf({ name: 'etc/', type: '5' }, { name: 'etc/motd', data: 'hello\n' }));
    await writeFile(file('root.tgz'), tar);
    const flags = ['-c', 'CMD ["sh"]', '--change', 'ENV A=1', '-m', 'hand made'];
    const id = await docker('import', ...flags, file('root.tgz'), 'fed:1');
    expect(id).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect(await docker('image', 'inspect', '-f', '{{.Config.Cmd}} {{.Config.Env}} {{.Comment}}', 'fed:1')).toBe(
      '[sh] [A=1] hand made\n',
    );
    const server = createServer((_request, answer) => answer.end(tar)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    // the engine lives in a network of its own: what it cannot reach is said so
    const url = `http://127.0.0.1:${port}/root.tgz`;
    const { status, stderr } = await lab.run('docker', 'import', url, 'fed:2');
    server.close();
    expect([status, stderr]).toEqual([1, expect.stringContaining(`cannot fetch ${url}`)]);
    await docker('rmi', 'fed:1');
  });
});

describe('commit and export', () => {
  test('of a service', async () => {
    await lab.compose(
      'services: {one: {image: busybox, command: sh -c "echo kept >/kept; sleep 1000", network_mode: none}}',
    );
    await lab.ok('up', '-d');
    await expect.poll(async () => (await lab.run('exec', '-T', 'one', 'cat', '/kept')).stdout).toBe('kept\n');
    const id = await lab.ok('commit', '-m', 'of one', 'one', 'lab/one:2');
    expect(await docker('inspect', '-f', '{{.Id}} {{.Comment}}', 'lab/one:2')).toBe(`${id.trim()} of one\n`);
    await lab.ok('export', '-o', file('one.tar'), 'one');
    expect(await runChecked('tar', ['-xOf', file('one.tar'), 'kept'])).toBe('kept\n');
    await lab.ok('down', '-t', '0');
    await docker('rmi', 'lab/one:2');
  });
});

test('dockerode saves, loads and commits', async () => {
  const client = new Docker({ socketPath: lab.socket });
  await docker('save', '-o', file('box.tar'), 'busybox');
  const loaded = await client.loadImage(createReadStream(file('box.tar')));
  expect(await text(loaded)).toContain('{"stream":"Loaded image: busybox:latest\\n"}');
  const saved = await client.getImage('busybox').get();
  expect((await buffer(saved)).length).toBe((await stat(file('box.tar'))).size);
  const container = await client.createContainer({ Image: 'busybox', Cmd: ['true'] });
  const { Id } = (await container.commit({ repo: 'rode', tag: 'x', comment: 'by dockerode' })) as { Id: string };
  expect(
    await docker('image', 'inspect', '-f', '{{.Id}} {{.Comment}} {{.Config.Cmd}} {{json .Config}}', 'rode:x'),
  ).toMatch(new RegExp(`^${Id} by dockerode \\[true\\] (?!.*"repo")`));
  await container.remove();
  await docker('rmi', 'rode:x');
});
