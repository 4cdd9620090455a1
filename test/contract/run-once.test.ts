// `gantry run`: a container of its own, made like a service's, with its dependencies up.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CliLab } from '../support/cli.ts';

let lab: CliLab;
beforeAll(async () => {
  lab = await CliLab.create();
  await lab.compose(`services:
  web:
    image: busybox
    command: ["echo", "default"]
    environment: { A: "1" }
    ports: ["18099:80"]
    volumes: ["vol:/v"]
    depends_on: { db: { condition: service_healthy } }
  db:
    image: busybox
    command: ["sleep", "1000"]
    healthcheck: { test: ["CMD", "true"], interval: 1s }
volumes: { vol: {} }
`);
});
afterAll(async () => await lab[Symbol.asyncDispose]());

it("runs the service's command once its dependency is healthy, and removes the container", async () => {
  expect(await lab.run('run', '--rm', 'web')).toMatchObject({ status: 0, stdout: 'default\n' });
  expect(await lab.ok('docker', 'ps', '-a', '--format', '{{.Names}} {{.Status}}')).toMatch(
    /^lab-db-1 Up .*\(healthy\)\n$/,
  );
});

it('takes a command, variables, input and the exit code', async () => {
  const words = ['run', '--rm', '-e', 'B=2', '-e', 'A=x', 'web', 'sh', '-c', 'echo $A $B; cat; exit 4'];
  const running = lab.begin(words, 'in');
  expect(await running.result).toMatchObject({ status: 4, stdout: 'x 2\nin' });
  expect(await lab.ok('run', '--rm', '--no-deps', '--entrypoint', 'echo a', 'web', 'b')).toBe('a b\n');
});

it('is named, labelled and published as docker compose does it', async () => {
  expect(await lab.ok('run', '-d', '-p', '18098:80', '-l', 'a=b', '--name', 'once', 'web', 'sleep', '1000')).toBe(
    'once\n',
  );
  const shown = '{{.Ports}} {{.Label "a"}} {{.Label "com.docker.compose.oneoff"}}';
  expect(await lab.ok('docker', 'ps', '-f', 'name=once', '--format', shown)).toBe(
    '0.0.0.0:18098->80/tcp, :::18098->80/tcp b True\n',
  );
  const id = (await lab.ok('run', '-d', '--no-deps', 'web', 'true')).trim();
  expect(id).toMatch(/^lab-web-run-[0-9a-f]{12}$/);
  await lab.ok('docker', 'rm', '-f', 'once', id);
});

it('mounts what -v says in place of what the service mounts there, a path alone as an anonymous volume', async () => {
  await writeFile(join(lab.folder, 'own'), 'mine');
  const words = ['run', '--rm', '--no-deps', '-v', '.:/v/', '-v', '/anon', 'web', 'sh', '-c', 'cat /v/own; mount'];
  const told = await lab.ok(...words);
  expect(told).toMatch(/^mine/);
  expect(told).toContain(' on /anon ');
  expect(await lab.ok('docker', 'volume', 'ls', '-q')).toBe('lab_vol\n');
});

it('takes variables of files, a quiet start, and refuses -p with -P', async () => {
  await writeFile(join(lab.folder, 'vars'), 'B=file\nC="${B} too"\n');
  const words = [
    'run',
    '-q',
    '--rm',
    '-t',
    '--env-from-file',
    'vars',
    '-e',
    'B=flag',
    'web',
    'sh',
    '-c',
    'echo $A $B $C',
  ];
  expect(await lab.run(...words)).toEqual({ status: 0, stdout: '1 flag file too\n', stderr: '' });
  await writeFile(join(lab.folder, 'vars'), 'B=1\nC="\n');
  const bad = await lab.run('run', '--env-from-file', 'vars', 'web', 'true');
  expect(bad).toMatchObject({ status: 1, stderr: expect.stringMatching(/^\S+vars:2:3: error/) as string });
  const both = await lab.run('run', '-P', '-p', '80:80', 'web');
  expect(both).toMatchObject({ status: 1, stderr: expect.stringContaining('cannot be used together') as string });
});

it('a program that is not there has exit code 127', async () => {
  expect(await lab.run('run', '--rm', '--no-deps', 'web', 'nope')).toMatchObject({ status: 127 });
});

it('two ups at once both succeed', async () => {
  await lab.ok('down', '-t', '0');
  const both = await Promise.all([lab.run('up', '-d', 'db'), lab.run('up', '-d', 'db')]);
  expect(both.map(({ status, stderr }) => ({ status, stderr: status === 0 ? '' : stderr }))).toEqual([
    { status: 0, stderr: '' },
    { status: 0, stderr: '' },
  ]);
});
