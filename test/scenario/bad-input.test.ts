// What a user gets for a mistake: one clear message with file and line where there is one, exit 1, and nothing left behind.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { listenIn } from '../support/listener.ts';
import type { ProcessResult } from '../../src/base/process.ts';
import { GANTRY, Stage } from '../support/stage.ts';

interface Row {
  readonly title: string;
  readonly file: string;
  readonly says: readonly RegExp[];
}

const ROWS: readonly Row[] = [
  {
    title: 'an unknown key, with a suggestion',
    file: 'services:\n  web:\n    image: busybox\n    comand: sleep 1\n',
    says: [/compose\.yaml:4:5/, /comand/, /did you mean.*command/i],
  },
  {
    title: 'a wrong type',
    file: 'services:\n  web:\n    image: busybox\n    ports: 80\n',
    says: [/compose\.yaml:4/, /ports/, /list/],
  },
  {
    title: 'two mistakes at once',
    file: 'services:\n  web:\n    imag: busybox\n    image: busybox\n    environment: 7\n',
    says: [/compose\.yaml:3/, /compose\.yaml:5/],
  },
  {
    title: 'a cycle, by its path and lines',
    file: 'services:\n  a:\n    image: busybox\n    depends_on: [b]\n  b:\n    image: busybox\n    depends_on: [a]\n',
    says: [/a -> b -> a/, /compose\.yaml:4/, /compose\.yaml:7/],
  },
  {
    title: 'an image that is not there',
    file: 'services:\n  web:\n    image: nowhere/missing:3\n',
    says: [/web/, /nowhere\/missing:3/],
  },
  {
    title: 'a bind source that must exist',
    file: 'services:\n  web:\n    image: busybox\n    volumes:\n      - type: bind\n        source: ./absent\n        target: /x\n        bind: { create_host_path: false }\n',
    says: [/absent/],
  },
  {
    title: 'broken YAML',
    file: 'services:\n  web: [\n',
    says: [/compose\.yaml:/],
  },
  {
    title: 'an undefined network',
    file: 'services:\n  web:\n    image: busybox\n    networks: [back]\n',
    says: [/compose\.yaml:4/, /back/],
  },
];

describe('bad input', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.create('bad');
    await stage.importBusybox();
  });
  afterAll(async () => stage[Symbol.asyncDispose]());

  it.each(ROWS)('$title', async ({ file, says }) => {
    await stage.write('compose.yaml', file);
    const result = await stage.gantry(['-p', 'bad', 'up', '-d']);
    expect(result.status, result.stderr).toBe(1);
    for (const pattern of says) expect(result.stderr).toMatch(pattern);
    expect(result.stderr).not.toMatch(/^\s+at .*\.(ts|js|cjs):\d+/m);
    expect(await stage.leftovers()).toEqual([]);
  });

  it('a port in use, by whom, before anything is made', async () => {
    await stage.write(
      'compose.yaml',
      'services:\n  web:\n    image: busybox\n    command: sleep 100\n    ports: ["18080:80"]\n',
    );
    await using _holder = await listenIn(stage.host, '0.0.0.0', 18080);
    const result = await stage.gantry(['-p', 'bad', 'up', '-d']);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/18080/);
    expect(result.stderr).toMatch(/already|in use/);
    expect(result.stderr).toMatch(/node/); // who holds it
    await stage.ok(['-p', 'bad', 'down', '-t', '0']);
    expect(await stage.leftovers()).toEqual([]);
  });

  it('no compose file at all', async () => {
    const result = await stage.gantry(['up', '-d'], { cwd: '/' });
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/no compose file found/);
  });

  it('a user who is not root', async () => {
    const env = { GANTRY_RUN: `${stage.folder}/other-run`, GANTRY_DATA: `${stage.folder}/other-data` };
    const result = await stage.asNobody(['-p', 'bad', 'ps'], env);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/only root/);
  });

  /** Runs `gantry ps` with an engine of its own in a mount namespace that a script prepares first. */
  async function withMounts(script: string): Promise<ProcessResult> {
    const env = { ...stage.env, GANTRY_DATA: `${stage.folder}/m/data`, GANTRY_RUN: `${stage.folder}/m-run` };
    await stage.write('m/.keep', '');
    await stage.write('ov/upper/.keep', '');
    await stage.write('ov/work/.keep', '');
    const command = `${script} && exec "$0" -p bad ps`;
    return stage.host.run('unshare', ['-m', 'sh', '-c', command, GANTRY], { cwd: stage.folder, env });
  }

  it('a data root on overlayfs', async () => {
    const result = await withMounts('mount -t overlay overlay -o lowerdir=/etc,upperdir=ov/upper,workdir=ov/work m');
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/overlay/);
    expect(result.stderr).toMatch(/GANTRY_DATA/);
  });

  it('no iptables', async () => {
    const result = await withMounts(
      'for f in /usr/sbin/xtables* /usr/sbin/ip*tables*; do mount --bind /dev/null "$f"; done',
    );
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/iptables/);
    expect(result.stderr).toMatch(/install/);
  });

  it('an engine address that nobody answers', async () => {
    const result = await stage.gantry(['ps'], { env: { DOCKER_HOST: `unix://${stage.folder}/none.sock` } });
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/none\.sock/);
  });

  it('an engine that answers nonsense', async () => {
    const server: Server = createServer((_request, answer) => answer.writeHead(200).end('<html>'));
    server.listen(`${stage.folder}/odd.sock`);
    await once(server, 'listening');
    const result = await stage.gantry(['-p', 'bad', 'ps'], { env: { DOCKER_HOST: `unix://${stage.folder}/odd.sock` } });
    server.close();
    expect(result.status).toBe(1);
    expect(result.stderr).not.toMatch(/^\s+at /m);
  });
});
