// The daemon as a process: readiness, lock, crash, idleness, refusals.
import { mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runChecked } from '../../src/base/process.ts';
import { enginePaths } from '../../src/base/paths.ts';
import { Database } from '../../src/engine/state/database.ts';
import { importBusybox } from '../support/busybox-image.ts';
import { TestEngine } from '../support/engine.ts';
import { ask, startContainer } from '../support/http.ts';

test('serves, refuses a second engine, survives kill -9 of itself and leaves nothing behind', async () => {
  await using engine = await TestEngine.start();
  const modes = await Promise.all(
    ['data', 'run'].map(async (name) => (await stat(join(engine.folder, name))).mode & 0o777),
  );
  expect(modes.every((mode) => (mode & 0o007) === 0)).toBe(true);
  expect((await stat(engine.socket)).mode & 0o777).toBe(0o660);
  const first = engine.pid;
  await expect(engine.restart()).rejects.toThrow('another engine uses');
  process.kill(first, 'SIGKILL');
  await expect.poll(async () => engine.restart().then(() => 'ready', String), { timeout: 5000 }).toBe('ready');
  expect((await ask(engine.socket, 'GET /_ping')).text).toBe('OK');
  expect(await engine.stop()).toBe(0);
});

test('leaves by itself when nobody needs it', async () => {
  await using engine = await TestEngine.start({ env: { GANTRY_IDLE_SECONDS: '0.3' } });
  expect(await engine.left()).toBe(0);
  expect(await engine.log()).toContain('"why":"idle"');
});

test('ends when asked to over the API', async () => {
  await using engine = await TestEngine.start();
  const { status } = await engine.netns.run('curl', [
    '-sf',
    '-XPOST',
    '--unix-socket',
    engine.socket,
    'http://x/gantry/shutdown',
  ]);
  expect(status).toBe(0);
  expect(await engine.left()).toBe(0);
});

test('a mistake in the engine ends it with a status and its words in the log; the container stays', async () => {
  const trap = 'data:text/javascript,process.on("SIGUSR2",()=>{throw new Error("boom")})';
  await using engine = await TestEngine.start({ nodeArgs: ['--import', trap] });
  await importBusybox(engine.socket);
  await startContainer(engine.socket, 'stays', { Image: 'busybox', Cmd: ['sleep', '1000'] });
  const started = async (): Promise<unknown> => (await ask(engine.socket, 'GET /containers/stays/json')).json;
  const before = (await started()) as { State: { StartedAt: string; Pid: number } };
  process.kill(engine.pid, 'SIGUSR2');
  expect(await engine.left()).toBe(70);
  expect(await engine.log()).toMatch(/"engine failed".*boom/);
  await engine.restart();
  expect(await started()).toMatchObject({ State: { Status: 'running', ...before.State } });
  await ask(engine.socket, 'DELETE /containers/stays?force=1');
});

test('after a boot everything has ended, and policies start what should run', async () => {
  await using engine = await TestEngine.start();
  await importBusybox(engine.socket);
  const body = { Image: 'busybox', Cmd: ['sleep', '1000'] };
  await startContainer(engine.socket, 'plain', body);
  await startContainer(engine.socket, 'always', { ...body, HostConfig: { RestartPolicy: { Name: 'always' } } });
  await engine.stop();
  await endEverything(engine);
  pretendBoot(engine.data);
  await engine.restart();
  const state = async (name: string): Promise<unknown> =>
    (await ask(engine.socket, `GET /containers/${name}/json`)).json;
  expect(await state('plain')).toMatchObject({ State: { Status: 'exited', Running: false, Pid: 0 } });
  await expect.poll(async () => state('always')).toMatchObject({ State: { Status: 'running' } });
  for (const name of ['plain', 'always']) await ask(engine.socket, `DELETE /containers/${name}?force=1`);
});

/** What a power cut does: every process of the engine's is gone at once, and so are its cgroups. */
async function endEverything(engine: TestEngine): Promise<void> {
  const inside = async (): Promise<string[]> =>
    (await runChecked('ip', ['netns', 'pids', engine.netns.name])).split('\n').filter(Boolean);
  for (const pid of await inside()) process.kill(Number(pid), 'SIGKILL');
  await expect.poll(inside, { timeout: 10_000 }).toEqual([]);
  const { tag } = enginePaths({ GANTRY_DATA: engine.data, GANTRY_RUN: engine.run });
  const homes = (await readdir('/sys/fs/cgroup')).map((name) => join('/sys/fs/cgroup', name, `gantry-${tag}`));
  await runChecked('find', [...homes, '-depth', '-type', 'd', '-exec', 'rmdir', '{}', ';']);
}

function pretendBoot(data: string): void {
  const db = new Database(data);
  db.run("UPDATE settings SET value = 'another boot' WHERE key = 'boot-id'");
  db.close();
}

test('a data folder on overlayfs is refused with one message, and nothing is made in it', async () => {
  await using host = await overlayFolder();
  const engine = TestEngine.start({ env: { GANTRY_DATA: join(host.folder, 'gantry') } });
  await expect(engine).rejects.toThrow(/"code":"engine\/unsupported-host".*on overlayfs/);
  expect(await readdir(host.folder)).toEqual([]);
});

async function overlayFolder(): Promise<{ readonly folder: string } & AsyncDisposable> {
  const top = await mkdtemp(join(tmpdir(), 'overlay-'));
  const [lower, upper, work, folder] = ['l', 'u', 'w', 'm'].map((name) => join(top, name)) as [
    string,
    string,
    string,
    string,
  ];
  await Promise.all([lower, upper, work, folder].map(async (path) => mkdir(path)));
  const options = `lowerdir=${lower},upperdir=${upper},workdir=${work}`;
  await runChecked('mount', ['-t', 'overlay', 'overlay', '-o', options, folder]);
  return {
    folder,
    async [Symbol.asyncDispose]() {
      await runChecked('umount', [folder]);
      await rm(top, { recursive: true });
    },
  };
}
