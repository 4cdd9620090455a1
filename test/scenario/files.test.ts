// Files in and out of a project's containers: secrets and configs without a file, cp, diff, export, stats.
import { readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GANTRY, Stage } from '../support/stage.ts';

const CANARY = 'canary-5e1f';
const COMPOSE = `
services:
  app:
    image: busybox
    command: sh -c 'cat /run/secrets/token /etc/app.conf /motd; sleep 1000'
    stop_grace_period: 0s
    scale: 2
    secrets:
      - source: token
        uid: "12"
        gid: "34"
        mode: 0400
    configs:
      - { source: conf, target: /etc/app.conf }
      - motd
secrets:
  token: { environment: TOKEN }
configs:
  conf: { content: "level=\${LEVEL:-1}\\n" }
  motd: { environment: MOTD }
`;

const HEADINGS = ['CONTAINER ID', 'NAME', 'CPU %', 'MEM USAGE / LIMIT', 'MEM %', 'NET I/O', 'BLOCK I/O', 'PIDS'];

let stage: Stage;
const p = ['-p', 'files'];
beforeAll(async () => {
  stage = await Stage.create('files');
  await stage.importBusybox();
  await stage.write('compose.yaml', COMPOSE);
});
afterAll(async () => {
  await stage.ok([...p, 'down', '-t', '0']);
  await stage[Symbol.asyncDispose]();
});

describe('secrets and configs that are no files', () => {
  it('are refused by name when their variable is not set', async () => {
    const { status, stderr } = await stage.gantry([...p, 'up', '-d']);
    expect(status).toBe(1);
    expect(stderr).toContain('environment variable "TOKEN" required by secret "token" is not set');
    expect(await stage.ok(['docker', 'ps', '-aq'])).toBe('');
  });

  it('are in the container when it starts, with owner and mode, and nowhere else', async () => {
    const env = { TOKEN: `${CANARY}\n`, MOTD: 'hello\n' };
    const up = await stage.gantry([...p, '--progress', 'plain', 'up', '-d'], { env });
    expect(up, up.stderr).toMatchObject({ status: 0 });
    expect(await stage.ok([...p, 'logs', '--no-log-prefix', 'app'])).toContain(`${CANARY}\nlevel=1\nhello\n`);
    const stat = ['exec', '-T', 'app', 'stat', '-c', '%a %u %g', '/run/secrets/token', '/etc/app.conf'];
    expect(await stage.ok([...p, ...stat])).toBe('400 12 34\n444 0 0\n');
    const plan = await stage.ok([...p, 'up', '--plan', '--force-recreate'], { env });
    const said = [
      up.stdout,
      up.stderr,
      plan,
      await stage.ok([...p, 'config'], { env }),
      await readFile(join(stage.folder, 'data', 'engine.log'), 'utf8'),
    ];
    for (const text of said) expect(text).not.toContain(CANARY);
  });
});

describe('cp', () => {
  const up = ['exec', '-T', 'app'];
  it('goes into all containers of a service and out of one', async () => {
    const file = await stage.write('local/sub/file', 'mine');
    await stage.ok([...p, 'cp', file, 'app:/renamed']);
    for (const index of ['1', '2'])
      expect(await stage.ok([...p, 'exec', '-T', '--index', index, 'app', 'cat', '/renamed'])).toBe('mine');
    await stage.ok([...p, 'cp', 'local', 'app:/tmp']);
    await stage.ok([...p, 'cp', 'local/.', 'app:/tmp/new']);
    expect(await stage.ok([...p, ...up, 'ls', '/tmp/local', '/tmp/new'])).toBe('/tmp/local:\nsub\n\n/tmp/new:\nsub\n');
    await stage.ok([...p, 'cp', '--index', '2', 'app:/tmp/new', 'back']);
    expect(await readFile(join(stage.folder, 'back/sub/file'), 'utf8')).toBe('mine');
    await stage.ok([...p, 'cp', 'app:/renamed', 'back/']);
    expect(await readFile(join(stage.folder, 'back/renamed'), 'utf8')).toBe('mine');
    await stage.ok([...p, 'cp', 'app:/tmp/new/.', 'flat']);
    expect(await readFile(join(stage.folder, 'flat/sub/file'), 'utf8')).toBe('mine');
  });

  it('speaks tar through - and follows links when told', async () => {
    await stage.ok([...p, ...up, 'sh', '-c', 'ln -s /renamed /link; ln -s / /escape']);
    await stage.ok(['docker', 'cp', 'files-app-1:/link', 'a-link']);
    expect(await readlink(join(stage.folder, 'a-link'))).toBe('/renamed');
    await stage.ok(['docker', 'cp', '-L', 'files-app-1:/link', 'a-file']);
    expect(await readFile(join(stage.folder, 'a-file'), 'utf8')).toBe('mine');
    const line = `'${GANTRY}' docker cp files-app-1:/tmp/new - | '${GANTRY}' docker cp - files-app-2:/home`;
    expect(await stage.host.run('sh', ['-c', line], { env: stage.env })).toMatchObject({ status: 0 });
    expect(await stage.ok([...p, 'exec', '-T', '--index', '2', 'app', 'ls', '/home/new'])).toBe('sub\n');
  });

  it.each([
    [['app:/nope', '.'], 'Could not find the file /nope in container'],
    [['nope', 'app:/'], 'no such file or directory'],
    [['local', 'app:/renamed'], 'cannot copy directory'],
    [['local/sub/file', 'app:/none/'], 'no such directory'],
    [['app:/renamed', 'none/x'], 'does not exist'],
    [['app:/a', 'app:/b'], 'copying between containers is not supported'],
    [['a', 'b'], 'must specify at least one container source'],
    [['local', 'ghost:/'], 'no such service: ghost'],
  ])('refuses %j', async (args, message) => {
    const { status, stderr } = await stage.gantry([...p, 'cp', ...args]);
    expect(stderr).toContain(message);
    expect(status).not.toBe(0);
  });
});

it('diff, export and stats print as Docker does', async () => {
  expect(await stage.ok(['docker', 'diff', 'files-app-1'])).toContain('A /renamed\n');
  await stage.ok(['docker', 'export', '-o', 'rootfs.tar', 'files-app-1']);
  expect((await stage.host.run('tar', ['-tf', join(stage.folder, 'rootfs.tar')])).stdout).toContain('renamed\n');
  const [head = '', ...rows] = (await stage.ok([...p, 'stats', '--no-stream'])).trim().split('\n');
  expect(head.split(/ {2,}/)).toEqual(HEADINGS);
  expect(rows).toHaveLength(2);
  expect(await stage.ok(['docker', 'stats', '--no-stream', '--format', '{{.Name}} {{.PIDs}}', 'files-app-2'])).toMatch(
    /^files-app-2 \d+\n$/,
  );
});
