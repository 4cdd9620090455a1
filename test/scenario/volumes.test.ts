// Volumes as people learn them: data shared by containers, kept over updates, taken from other containers, filled once.
// By Docker's own command line and by gantry's, on one engine.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProcessResult } from '../../src/base/process.ts';
import { eventsSince } from '../support/api.ts';
import { requireTool } from '../support/require.ts';
import { busyboxRootfs } from '../support/rootfs.ts';
import { Stage } from '../support/stage.ts';

const dockerTool = requireTool('docker', 'Debian: docker.io or docker-cli');

describe.skipIf(dockerTool === undefined)('volumes', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.create('vol');
    await stage.importBusybox();
    await importWithData('filled:1', 'first');
    await importWithData('filled:2', 'second');
  });
  afterAll(async () => {
    await stage.ok(['-p', 'vol', 'down', '-v', '-t', '0', '--remove-orphans']);
    await stage[Symbol.asyncDispose]();
  });

  /** An image with a file below the volume /data, and /version that tells which it is. */
  async function importWithData(name: string, version: string): Promise<void> {
    const tree = join(stage.folder, version);
    await cp((await busyboxRootfs()).dir, tree, { recursive: true, verbatimSymlinks: true });
    await mkdir(join(tree, 'data'));
    await writeFile(join(tree, 'data', 'seed'), `seed of ${version}\n`);
    await writeFile(join(tree, 'version'), `${version}\n`);
    await stage.host.check('tar', ['-C', tree, '-cf', `${tree}.tar`, '.']);
    await stage.ok(['image', 'import', '-c', 'VOLUME /data', '-c', 'CMD ["sh"]', `${tree}.tar`, name]);
  }

  async function docker(...args: string[]): Promise<ProcessResult> {
    return stage.host.run('docker', ['-H', `unix://${stage.socket}`, ...args], { cwd: stage.folder });
  }

  /** Runs docker with a line of words, and `script` as its last argument; it must succeed. */
  async function ok(line: string, ...script: string[]): Promise<string> {
    const result = await docker(...line.split(' '), ...script);
    expect(result, `${line} ${script.join(' ')}`).toMatchObject({ status: 0 });
    return result.stdout.trim();
  }

  it('what one container writes another sees at once, and it outlives both', async () => {
    await ok('run -d --name writer -v shared:/in busybox sleep 1000');
    await ok('run -d --name reader -v shared:/out:ro busybox sleep 1000');
    await ok('exec writer sh -c', 'echo now > /in/file');
    expect(await ok('exec reader cat /out/file')).toBe('now');
    expect((await docker('exec', 'reader', 'touch', '/out/mine')).stderr).toContain('Read-only file system');
    expect((await stage.gantry(['volume', 'rm', 'shared'])).stderr).toContain('volume is in use');
    await ok('rm -f -v writer reader');
    expect(await ok('run --rm -v shared:/x busybox cat /x/file')).toBe('now');
    expect(await stage.ok(['docker', 'volume', 'rm', 'shared'])).toBe('shared\n');
  });

  it('a new volume is filled with the content of the image once, and not with nocopy', async () => {
    expect(await ok('run --rm -v fresh:/data filled:1 cat /data/seed')).toBe('seed of first');
    await ok('run --rm -v fresh:/data filled:1 mv /data/seed /data/own');
    expect(await ok('run --rm -v fresh:/data filled:1 ls /data')).toBe('own');
    expect(await ok('run --rm -v bare:/data:nocopy filled:1 ls /data')).toBe('');
    await stage.ok(['volume', 'rm', 'fresh', 'bare']);
  });

  it('data volumes are taken from a container that never ran, also read-only and at second hand', async () => {
    await ok('create --name dbdata filled:1 nothing-to-run');
    expect(await ok('run --rm --volumes-from dbdata busybox cat /data/seed')).toBe('seed of first');
    const refused = await docker('run', '--rm', '--volumes-from', 'dbdata:ro', 'busybox', 'touch', '/data/x');
    expect(refused.stderr).toContain('Read-only file system');
    await ok('run -d --name user --volumes-from dbdata busybox sleep 1000');
    await ok('run --rm --volumes-from user busybox sh -c', 'echo more > /data/more');
    expect(await ok('exec user cat /data/more')).toBe('more');
    expect(await ok('inspect -f {{.State.Status}} dbdata')).toBe('created');
    // its volume lives as long as anybody has it
    await ok('rm -v dbdata');
    expect(await ok('exec user cat /data/more')).toBe('more');
    await ok('rm -f -v user');
    expect(await ok('volume ls -q')).toBe('');
  });

  it('anonymous volumes go with rm -v and --rm, and stay without', async () => {
    await ok('run --name kept filled:1 true');
    await ok('rm kept');
    expect((await ok('volume ls -q')).split('\n')).toHaveLength(1);
    await ok('run --rm filled:1 true');
    await ok('run --name gone filled:1 true');
    await stage.ok(['docker', 'volume', 'prune', '-f']);
    await ok('rm -v gone');
    expect(await ok('volume ls -q')).toBe('');
  });

  it('a file system of its own is mounted while containers have it, and events tell of every use', async () => {
    const since = Date.now() / 1000;
    await ok('volume create -o type=tmpfs -o device=tmpfs -o o=size=1m scratch');
    await ok('run -d --name one -v scratch:/s busybox sleep 1000');
    await ok('run -d --name two -v scratch:/s:ro busybox sleep 1000');
    await ok('exec one sh -c', 'echo here > /s/file');
    expect(await ok('exec two sh -c', 'cat /s/file; df -k /s | tail -1')).toMatch(/^here\ntmpfs\s+1024 /);
    await ok('rm -f one');
    expect(await ok('exec two cat /s/file')).toBe('here');
    await ok('rm -f two');
    expect(await readFile('/proc/self/mountinfo', 'utf8')).not.toContain('volumes/scratch');
    await ok('volume rm scratch');
    const told = (await eventsSince(stage.socket, since)).filter(({ Type }) => Type === 'volume');
    expect(told.map(({ Action, Actor }) => `${Action} ${Actor.Attributes['read/write'] ?? ''}`.trim())).toEqual([
      ...['create', 'mount true', 'mount false', 'unmount', 'unmount', 'destroy'],
    ]);
  });

  it('single files and folders of the host are bound; a missing source is made or refused', async () => {
    const file = await stage.write('conf/app.conf', 'a=1\n');
    expect(await ok(`run --rm -v ${file}:/etc/app.conf:ro busybox cat /etc/app.conf`)).toBe('a=1');
    expect((await docker('run', '--rm', '-v', `${file}:/f:ro`, 'busybox', 'sh', '-c', 'echo b > /f')).stderr).toContain(
      'Read-only file system',
    );
    await ok(`run --rm -v ${join(stage.folder, 'conf')}:/conf busybox sh -c`, 'echo b=2 > /conf/new');
    expect(await readFile(join(stage.folder, 'conf', 'new'), 'utf8')).toBe('b=2\n');
    const missing = join(stage.folder, 'missing');
    const refused = await docker('run', '--rm', '--mount', `type=bind,src=${missing},dst=/m`, 'busybox', 'true');
    expect(refused.stderr).toContain(`bind source path does not exist: ${missing}`);
    await ok(`run --rm -v ${missing}:/m busybox touch /m/x`);
    expect(await readFile(join(missing, 'x'), 'utf8')).toBe('');
  });

  const compose = (version: string): string => `
services:
  app:
    image: filled:${version}
    command: sleep 1000
    volumes: ["state:/state", "outer:/outer", "./conf:/conf:ro"]
  data:
    image: filled:1
    command: "true"
  side:
    image: busybox
    command: sleep 1000
    volumes_from: ["data:ro", "app", "container:elsewhere:ro"]
volumes:
  state:
  outer: { name: outside, external: true }
`;

  it('a project keeps its data over a new image, shares it by volumes_from, and asks for external volumes', async () => {
    await ok('create --name elsewhere -v /elsewhere busybox true');
    await stage.write('compose.yaml', compose('1'));
    const early = await stage.gantry(['-p', 'vol', 'up', '-d']);
    expect(early.status).not.toBe(0);
    expect(early.stderr).toContain('outside');
    await stage.ok(['volume', 'create', 'outside']);
    await stage.ok(['-p', 'vol', 'up', '-d']);
    const inApp = async (script: string): Promise<string> =>
      await stage.ok(['-p', 'vol', 'exec', '-T', 'app', 'sh', '-c', script]);
    await inApp('echo 1 > /state/kept; echo 2 > /outer/kept; echo 3 >> /data/seed');
    const inSide = async (script: string): Promise<string> =>
      await stage.ok(['-p', 'vol', 'exec', '-T', 'side', 'sh', '-c', script]);
    // of two containers with the same place the later one counts
    expect(await inSide('cat /state/kept /data/seed; ls -d /elsewhere')).toBe('1\nseed of first\n3\n/elsewhere\n');
    expect(await ok('inspect -f', '{{range .Mounts}}{{.Destination}} {{end}}', 'vol-side-1')).toBe(
      '/data /conf /state /outer /elsewhere',
    );
    expect((await stage.gantry(['-p', 'vol', 'exec', '-T', 'side', 'touch', '/elsewhere/x'])).stderr).toContain(
      'Read-only file system',
    );
    await stage.write('compose.yaml', compose('2'));
    await stage.ok(['-p', 'vol', 'up', '-d']);
    // named volumes and the anonymous one of /data are the same as before; what is not a volume is the new image's
    expect(await inApp('cat /version /state/kept /outer/kept /data/seed')).toBe('second\n1\n2\nseed of first\n3\n');
  });

  it('down keeps volumes, down -v removes the project’s own and no external one', async () => {
    await stage.ok(['-p', 'vol', 'down', '-t', '0']);
    expect(await ok('volume ls -q --filter name=state')).toBe('vol_state');
    await stage.ok(['-p', 'vol', 'up', '-d']);
    expect(await stage.ok(['-p', 'vol', 'exec', '-T', 'app', 'cat', '/state/kept'])).toBe('1\n');
    await stage.ok(['-p', 'vol', 'down', '-v', '-t', '0']);
    expect(await ok('volume ls -q --filter name=state --filter name=outside')).toBe('outside');
    await ok('rm -v elsewhere');
    await stage.ok(['volume', 'prune', '-af']);
    expect(await ok('volume ls -q')).toBe('');
  });
});
