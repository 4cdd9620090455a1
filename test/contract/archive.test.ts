// Files in and out of containers: the archive, export and changes routes, by the docker command and by dockerode.
import { mkdtemp, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import Dockerode from 'dockerode';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChecked, runProcess } from '../../src/base/process.ts';
import { importBusybox } from '../support/busybox-image.ts';
import { dockerFor } from '../support/docker.ts';
import { TestEngine } from '../support/engine.ts';
import { tarOf } from '../support/tar.ts';

let engine: TestEngine;
let api: Dockerode;
let folder: string;
const { docker, ok } = dockerFor(() => engine);
const here = (name: string): string => join(folder, name);

const FILL =
  'mkdir -p /d/sub; echo x >/d/f; ln -s f /d/l; ln -s /d /dl; ln -s /nope/q /dang; ln -s ../d/l /ll; mkfifo /d/p; ' +
  'chown 12:34 /d/sub; chmod 4750 /d/f; rm /etc/group; echo more >>/etc/passwd; sleep 1000';

beforeAll(async () => {
  engine = await TestEngine.start();
  await importBusybox(engine.socket);
  api = new Dockerode({ socketPath: engine.socket });
  folder = await mkdtemp(join(tmpdir(), 'archive-'));
  await ok('run', '-d', '--name', 'up', '-v', 'vol:/vol', 'busybox', 'sh', '-c', FILL);
  await ok('create', '--name', 'off', '-v', 'vol:/deep/vol', '-v', 'ro:/ro:ro', 'busybox', 'true');
  await ok('create', '--name', 'sealed', '--read-only', '-v', 'vol:/vol', 'busybox', 'true');
  await ok('exec', 'up', 'sh', '-c', 'until test -e /etc/passwd && grep more /etc/passwd; do sleep 0.01; done');
});
afterAll(async () => {
  await ok('rm', '-f', '-v', 'up', 'off', 'sealed');
  await rm(folder, { recursive: true, force: true });
  await engine[Symbol.asyncDispose]();
});

/** What the header says of a path. */
async function stat(path: string, name = 'up'): Promise<Record<string, unknown>> {
  const answer = (await api.getContainer(name).infoArchive({ path })) as { headers: Record<string, string> };
  const text = Buffer.from(answer.headers['x-docker-container-path-stat'] ?? '', 'base64').toString('utf8');
  return JSON.parse(text) as Record<string, unknown>;
}

async function names(path: string, name = 'up'): Promise<string[]> {
  const bytes = await buffer(await api.getContainer(name).getArchive({ path }));
  await writeFile(here('t.tar'), bytes);
  return (await runChecked('tar', ['-Ptf', here('t.tar')])).trim().split('\n');
}

const put = async (path: string, tar: Buffer, name = 'up', more = {}): Promise<unknown> =>
  api.getContainer(name).putArchive(tar, { path, ...more });

it('a client that takes its time keeps nobody from a container that does not run', async () => {
  const tar = tarOf({ name: 'slow', data: 'at last' });
  await ok('create', '--name', 'waits', 'busybox', 'sh', '-c', 'cat /slow || sleep 0.1');
  const slow = request({
    socketPath: engine.socket,
    method: 'PUT',
    path: '/containers/waits/archive?path=/',
    headers: { Expect: '100-continue' },
  });
  await once(slow, 'continue');
  slow.write(tar.subarray(0, 512));
  expect((await docker('start', '-a', 'waits')).stdout).not.toContain('at last');
  slow.end(tar.subarray(512));
  const [answer] = (await once(slow, 'response')) as [IncomingMessage];
  expect(answer.resume().statusCode).toBe(200);
  expect(await ok('start', '-a', 'waits')).toBe('at last');
  await ok('rm', 'waits');
});

const DIR = 0o755 + 2 ** 31;

describe('paths, as Docker reads them', () => {
  it.each([
    ['/d', { name: 'd', mode: DIR, linkTarget: '' }, ['d/', 'd/f', 'd/l', 'd/p', 'd/sub/']],
    ['/d/', { name: 'd', mode: DIR }, ['d/', 'd/f', 'd/l', 'd/p', 'd/sub/']],
    ['/d/.', { name: '.', mode: DIR }, ['./', './f', './l', './p', './sub/']],
    ['/dl', { name: 'dl', size: 2, mode: 0o777 + 2 ** 27, linkTarget: '/d' }, ['dl']],
    ['/dl/', { name: 'dl', mode: DIR }, ['dl/', 'dl/f', 'dl/l', 'dl/p', 'dl/sub/']],
    ['/dl/.', { name: '.', mode: DIR }, ['./', './f', './l', './p', './sub/']],
    ['/d/f', { name: 'f', size: 2, mode: 0o750 + 2 ** 23 }, ['f']],
    ['d/../d/f', { name: 'f', size: 2 }, ['f']],
    ['/ll', { name: 'll', linkTarget: '/d/f' }, ['ll']],
    ['/dang', { name: 'dang', linkTarget: '/nope/q' }, ['dang']],
    ['/d/p', { name: 'p', mode: 33554852 }, ['p']],
    ['/vol', { name: 'vol', mode: DIR }, ['vol/']],
  ])('%s', async (path, expected, list) => {
    expect(await stat(path)).toMatchObject(expected);
    expect(await names(path)).toEqual(list);
  });

  it.each([
    ['/nope', 404, 'Could not find the file /nope in container up'],
    ['/d/f/', 400, 'lstat /d/f/: not a directory'],
    ['/proc/1/root/etc', 404, 'Could not find the file /proc/1/root/etc in container '],
    ['/proc/version', 404, 'Could not find the file /proc/version in container '],
    ['', 400, 'pathcannot be empty'],
  ])('%s is refused', async (path, statusCode, message) => {
    await expect(api.getContainer('up').getArchive({ path })).rejects.toMatchObject({
      statusCode,
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('archives put into a container', () => {
  it('keep owner, mode and time, compressed or not, through symlinks and into volumes', async () => {
    const tar = tarOf(
      { name: 'in/', type: '5', mode: 0o700 },
      { name: 'in/a', data: 'A', uid: 7, gid: 8, mode: 0o604 },
    );
    await put('/dl', tar);
    expect(await ok('exec', 'up', 'stat', '-c', '%a %u %g', '/d/in', '/d/in/a')).toBe('700 0 0\n604 7 8');
    await put('/vol', gzipSync(tar));
    expect(await names('/deep/vol/.', 'off')).toEqual(['./', './in/', './in/a']);
    await put('/deep/vol', tarOf({ name: 'b', data: 'B' }), 'off');
    expect(await ok('exec', 'up', 'cat', '/vol/b')).toBe('B');
  });

  it('of a container that never ran are there when it runs', async () => {
    await ok('create', '--name', 'later', '-u', '5:6', 'busybox', 'sh', '-c', 'cat /x/y; stat -c "%u %g" /x/y');
    await put('/', tarOf({ name: 'x/y', data: 'before ' }), 'later', { copyUIDGID: '1' });
    expect(await ok('start', '-a', 'later')).toBe('before 5 6');
    expect(await ok('diff', 'later')).toBe('A /x\nA /x/y');
    await ok('rm', 'later');
  });

  it.each([
    ['up', '/nope', {}, 404, 'Could not find the file /nope in container up'],
    ['up', '/d/f', {}, 400, 'extraction point is not a directory'],
    ['up', '/d', { noOverwriteDirNonDir: '1' }, 400, 'cannot overwrite directory "/d/sub" with non-directory "/d"'],
    ['off', '/ro', {}, 403, 'mounted volume is marked read-only'],
    ['sealed', '/', {}, 403, 'container rootfs is marked read-only'],
  ])('%s:%s %o is refused', async (...row) => {
    const [name, path, more, statusCode, message] = row;
    const refused = put(path, tarOf({ name: 'sub', data: '' }), name, more);
    await expect(refused).rejects.toMatchObject({ statusCode, message: expect.stringContaining(message) as string });
  });

  it('find the volumes of a container that never ran with the content of its image', async () => {
    await ok(
      'create',
      '--name',
      'fresh',
      '-v',
      'fresh-one:/etc',
      '-v',
      'fresh-two:/var/spool',
      'busybox',
      'cat',
      '/etc/new',
    );
    await put('/etc', tarOf({ name: 'new', data: 'new' }), 'fresh');
    const list = await names('/etc', 'fresh');
    expect(list).toContain('etc/passwd');
    expect(list).toContain('etc/new');
    expect(await ok('start', '-a', 'fresh')).toBe('new');
    expect(await ok('run', '--rm', '-v', 'fresh-one:/e', 'busybox', 'ls', '/e')).toContain('passwd');
    await ok('rm', 'fresh');
    await ok('volume', 'rm', 'fresh-one', 'fresh-two');
  });

  it('are refused when they are no archive', async () => {
    const refused = put('/d', Buffer.alloc(2000, 'x'));
    await expect(refused).rejects.toMatchObject({ statusCode: 400 });
  });
});

it('docker cp goes both ways', async () => {
  await writeFile(here('file'), 'mine');
  await ok('cp', here('file'), 'up:/tmp/renamed');
  await ok('cp', here('file'), 'off:/tmp');
  expect(await ok('exec', 'up', 'cat', '/tmp/renamed')).toBe('mine');
  await ok('cp', 'off:/tmp/file', here('back'));
  expect(await readFile(here('back'), 'utf8')).toBe('mine');
  await ok('cp', 'up:/d/l', here('link'));
  expect(await readlink(here('link'))).toBe('f');
  await ok('cp', '-L', 'up:/d/l', here('followed'));
  expect(await readFile(here('followed'), 'utf8')).toBe('x\n');
  await ok('cp', 'up:/d/.', here('contents'));
  expect(await runChecked('ls', [here('contents')])).toContain('sub');
  expect(await docker('cp', 'up:/nope', folder)).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('Could not find the file /nope in container up') as string,
  });
});

it('docker diff and export show the container without its mounts', async () => {
  const diff = (await ok('diff', 'up')).split('\n');
  expect(diff).toEqual(expect.arrayContaining(['C /etc', 'D /etc/group', 'C /etc/passwd', 'A /d/f', 'A /vol']));
  expect(diff).not.toContain('A /vol/b');
  await ok('export', '-o', here('rootfs.tar'), 'up');
  const list = (await runChecked('tar', ['-tf', here('rootfs.tar')])).split('\n');
  expect(list).toEqual(expect.arrayContaining(['.dockerenv', 'bin/', 'd/f', 'vol/', 'proc/', 'etc/passwd']));
  expect(list.filter((name) => /^(proc|sys|vol)\/./.test(name) || name === 'etc/group')).toEqual([]);
  await ok('export', '-o', here('off.tar'), 'off');
  expect(await runChecked('tar', ['-tf', here('off.tar')])).toContain('bin/busybox');
});

it('paths are deleted without any program of the image', async () => {
  const post = async (name: string, Paths: readonly string[]): Promise<string> => {
    const url = `http://x/gantry/containers/${name}/delete`;
    const args = ['-s', '--unix-socket', engine.socket, '-w', '%{http_code}', '-H', 'Content-Type: application/json'];
    return (await runProcess('curl', [...args, '-d', JSON.stringify({ Paths }), url])).stdout;
  };
  await ok('exec', 'up', 'sh', '-c', 'mkdir -p /gone/deep && touch /gone/deep/f /stays');
  expect(await post('up', ['/gone', '/never/there'])).toBe('204');
  expect(await ok('exec', 'up', 'sh', '-c', 'ls -d /gone /stays 2>/dev/null; true')).toBe('/stays');
  expect(await post('off', ['/bin/busybox'])).toBe('204');
  expect(await ok('diff', 'off')).toContain('D /bin/busybox');
  expect(await post('up', ['/'])).toContain('the root folder cannot be deleted');
});

it('a container that swaps folders for links leads no copy out of it (CVE-2018-15664)', async () => {
  const outside = join(folder, 'outside');
  await runChecked('sh', ['-c', 'mkdir "$0" && echo secret >"$0/secret"', outside]);
  const flip = `mkdir -p /a/d && echo own >/a/d/secret; cd /a; while :; do mv d e; ln -s ${outside} d; rm d; mv e d; done`;
  await ok('exec', '-d', 'up', 'timeout', '-s', 'KILL', '20', 'sh', '-c', flip);
  const tar = tarOf({ name: 'secret', data: 'evil' }, { name: 'more/', type: '5', mode: 0o777 });
  let done = 0;
  for (let i = 0; i < 60; i += 1) {
    const got = await api
      .getContainer('up')
      .getArchive({ path: '/a/d/secret' })
      .then(buffer)
      .catch(() => undefined);
    expect(got?.includes('secret\n') ?? false).toBe(false);
    done += await put('/a/d', tar).then(
      () => 1,
      () => 0,
    );
  }
  expect(done).toBeGreaterThan(0);
  expect(await runChecked('sh', ['-c', 'cd "$0" && ls && cat secret', outside])).toBe('secret\nsecret\n');
}, 60_000);

it('no program of the container unpacks what is put into it (CVE-2026-41567)', async () => {
  const script = 'printf "#!/bin/sh\\ntouch /pwned\\ncat" >/usr/bin/xz; chmod 755 /usr/bin/xz; cp /usr/bin/xz /bin/xz';
  await ok('exec', 'up', 'sh', '-c', `rm -f /bin/xz /usr/bin/xz; mkdir -p /usr/bin; ${script}`);
  await writeFile(here('x.tar'), tarOf({ name: 'packed', data: 'xz' }));
  await runChecked('xz', ['-f', here('x.tar')]);
  await put('/tmp', await readFile(here('x.tar.xz')));
  expect(await ok('exec', 'up', 'sh', '-c', 'cat /tmp/packed; ls /pwned 2>/dev/null; true')).toBe('xz');
});
