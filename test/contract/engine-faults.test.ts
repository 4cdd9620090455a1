// What goes wrong around the engine while it takes files in: a full disk, a container that comes back while files are
// still put into it.
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { runChecked } from '../../src/base/process.ts';
import { callApi } from '../support/api.ts';
import { importBusybox } from '../support/busybox-image.ts';
import { dockerFor } from '../support/docker.ts';
import { TestEngine } from '../support/engine.ts';
import { tarOf } from '../support/tar.ts';

interface Upload {
  readonly send: ReturnType<typeof request>;
  /** Status and body. */
  readonly answer: Promise<string>;
}

/** A request whose body is written by hand. */
function upload(socketPath: string, path: string, method = 'POST'): Upload {
  const send = request({ socketPath, path, method });
  const answer = once(send, 'response').then(async ([response]: IncomingMessage[]) =>
    response === undefined ? '' : `${response.statusCode ?? 0} ${await text(response)}`,
  );
  answer.catch(() => undefined);
  // an engine that has answered need not read on
  send.on('error', () => undefined);
  return { send, answer };
}

/** A small disk of its own for the data folder. */
async function smallDisk(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-disk-'));
  await runChecked('mount', ['-t', 'tmpfs', '-o', 'size=96m,mode=0700', 'gantry-test', folder]);
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      await runChecked('umount', [folder]);
      await rm(folder, { recursive: true });
    },
  };
}

/** Takes all the room there is; the engine may still be taking some of it. */
async function fill(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const filled = writeFile(join(folder, 'filler'), Buffer.alloc((bavail + 1) * bsize));
  await expect(filled).rejects.toThrow('ENOSPC');
}

test.each([
  ['/images/create?fromSrc=-&repo=x', '500'],
  ['/images/load', '200'],
  ['/build', '500'],
])('a disk that gets full while %s comes in: said so, nothing left, the engine goes on', async (path, status) => {
  await using disk = await smallDisk();
  await using engine = await TestEngine.start({ env: { GANTRY_DATA: join(disk.folder, 'data') } });
  const work = join(disk.folder, 'data', 'image-work');
  const files = async (): Promise<number> => (await readdir(work)).length;
  const { send, answer } = upload(engine.socket, path);
  const tar = tarOf({ name: 'big', data: 'x'.repeat(8 * 1024 * 1024) });
  send.write(tar.subarray(0, 6_000_000));
  await expect.poll(files).toBe(1);
  await fill(disk.folder);
  send.write(tar.subarray(6_000_000, 7_000_000));
  // the failed write comes while nobody waits for it
  expect((await callApi(engine.socket, '/_ping')).status).toBe(200);
  send.end(tar.subarray(7_000_000));
  const said = await answer;
  expect(said).toMatch(new RegExp(`^${status} `));
  expect(said).toContain('no space left on the disk');
  await expect.poll(files).toBe(0);
  expect((await callApi(engine.socket, '/_ping')).status).toBe(200);
});

test('a container that is started anew ends what is still put into its last run', async () => {
  await using engine = await TestEngine.start();
  await importBusybox(engine.socket);
  const { docker, ok } = dockerFor(() => engine);
  await ok('run', '-d', '--name', 'box', '--network', 'none', 'busybox', 'sh', '-c', 'mkdir -p /in; sleep 1000');
  await expect.poll(async () => (await docker('exec', 'box', 'ls', '/')).stdout).toContain('in\n');
  const { send, answer } = upload(engine.socket, '/containers/box/archive?path=/in', 'PUT');
  const tar = tarOf({ name: 'first', data: 'x' }, { name: 'second', data: 'y'.repeat(600_000) });
  send.write(tar.subarray(0, 300_000));
  const seen = async (): Promise<string> => (await docker('exec', 'box', 'ls', '/in')).stdout;
  await expect.poll(seen, { timeout: 10_000 }).toContain('first');
  await ok('restart', '-t', '0', 'box');
  send.end(tar.subarray(300_000));
  expect(await answer).toMatch(/^409 .*container box stopped while files were copied/);
  await ok('exec', 'box', 'touch', '/in/after');
  await ok('rm', '-f', 'box');
});
