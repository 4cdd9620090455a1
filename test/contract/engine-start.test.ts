// How a command comes by its engine: started on demand from a copy only root can change, replaced when it is older.
import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import { mkdir, readFile, readdir, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Stage } from '../support/stage.ts';

/** Pids of the engines that announced themselves in the log, oldest first. */
async function started(stage: Stage): Promise<number[]> {
  const log = await readFile(join(stage.folder, 'data/engine.log'), 'utf8');
  return log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { msg: string; pid: number })
    .flatMap(({ msg, pid }) => (msg === 'engine listens' ? [pid] : []));
}

/** Something that answers as an engine of a version and leaves when it is asked to. */
async function fakeEngine(stage: Stage, version: string): Promise<{ server: Server; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method ?? ''} ${request.url ?? ''}`);
    response.writeHead(200, { Server: `Docker/${version} (linux)`, 'Content-Type': 'application/json' });
    response.end('[]\n');
    if (request.url === '/gantry/shutdown') response.on('close', () => server.close());
  });
  await mkdir(join(stage.folder, 'run'), { mode: 0o700 });
  server.listen(stage.socket);
  await once(server, 'listening');
  return { server, asked };
}

test('several commands at once start one engine, from a copy that only root can change', async () => {
  await using stage = await Stage.create('start');
  const env = { SOMEBODY_S_TOKEN: 'secret', HTTP_PROXY: '', NO_PROXY: 'localhost' };
  await Promise.all([1, 2, 3, 4].map(async () => await stage.ok(['image', 'ls'], { env })));
  const pids = await started(stage);
  expect(pids).toHaveLength(1);
  const pid = pids[0] ?? 0;
  const engines = join(stage.folder, 'data/engine');
  const arguments_ = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  expect(arguments_).toContain('--max-semi-space-size=2');
  expect(arguments_.find((word) => word.endsWith('engine.cjs'))).toContain(engines);
  expect(await readlink(`/proc/${pid}/exe`)).not.toContain('node_modules');
  expect(await readlink(`/proc/${pid}/cwd`)).toBe('/');
  const environment = (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').map((pair) => pair.split('=')[0]);
  // beside what says how registries are reached, which this machine may have set as well
  const plain = environment.filter((name = '') => name !== '' && !/_proxy$|^SSL_CERT_FILE$|_CA_CERTS$/i.test(name));
  expect(plain.sort()).toEqual(['GANTRY_DATA', 'GANTRY_RUN', 'PATH']);
  expect(environment).toContain('NO_PROXY');
  const copies = await readdir(engines);
  expect(copies).toHaveLength(1);
  const { uid, mode } = await stat(join(engines, copies[0] ?? '', 'engine.cjs'));
  expect([uid, mode & 0o022]).toEqual([0, 0]);
});

test('an older engine is asked to leave and replaced; its copies are removed', async () => {
  await using stage = await Stage.create('older');
  const { asked } = await fakeEngine(stage, '0.0.9');
  await mkdir(join(stage.folder, 'data/engine/0.0.9-aaaaaaaaaaaa'), { recursive: true });
  await stage.ok(['image', 'ls']);
  expect(asked).toEqual(['GET /_ping', 'GET /_ping', 'POST /gantry/shutdown']);
  expect(await started(stage)).toHaveLength(1);
  expect(await readdir(join(stage.folder, 'data/engine'))).toHaveLength(1);
});

test('a newer engine is used as it is', async () => {
  await using stage = await Stage.create('newer');
  const { server, asked } = await fakeEngine(stage, '99.0.0');
  await stage.ok(['image', 'ls']);
  expect(asked[0]).toBe('GET /_ping');
  expect(asked.some((line) => line.includes('shutdown'))).toBe(false);
  expect(asked.some((line) => line.includes('/images/json'))).toBe(true);
  server.close();
  server.closeAllConnections();
});

test('an engine that cannot start says why, and leaves nothing behind', async () => {
  await using stage = await Stage.create('fails');
  const data = '/etc/hostname/data';
  const refused = await stage.gantry(['image', 'ls'], { env: { GANTRY_DATA: data } });
  expect([refused.status, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr).toMatch(/^gantry: cannot make the data folder \/etc\/hostname\/data: /);
});

test('an engine that dies without a word is reported with its last words', async () => {
  await using stage = await Stage.create('dies');
  await stage.ok(['image', 'ls']);
  await stage.shutdownEngine();
  const engines = join(stage.folder, 'data/engine');
  const main = join(engines, (await readdir(engines))[0] ?? '', 'engine.cjs');
  await writeFile(main, 'process.stderr.write("no luck today\\n"); process.exit(3)');
  const failed = await stage.gantry(['image', 'ls']);
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain('the engine ended while it started: no luck today');
  await rm(engines, { recursive: true });
  await stage.ok(['image', 'ls']);
});

test('without root and without an engine there is one clear message', async () => {
  await using stage = await Stage.create('nobody');
  const refused = await stage.asNobody(['image', 'ls'], {});
  expect([refused.status, refused.stdout]).toEqual([1, '']);
  expect(refused.stderr).toMatch(
    /the gantry engine is not running, and only root can start it|only root and the group/,
  );
  expect(refused.stderr).toContain('sudo');
});
