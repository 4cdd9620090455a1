// `--dry-run` of every verb of docker compose, against an engine that notes what it is asked: nothing but to be read.
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { EventEmitter, once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listenForInterrupts } from '../../../src/cli/interrupts.ts';
import { runCli } from '../../../src/cli/run.ts';
import { isComposeVerb, VERBS } from '../../../src/cli/verbs.ts';

const COMPOSE = `services:
  db: {image: busybox}
  web: {image: busybox, depends_on: [db], ports: ["8080:80"]}
  made: {build: ., image: made, develop: {watch: [{path: ., action: rebuild}]}}
`;

const labels = (service: string, oneoff = 'False'): Record<string, string> => ({
  'com.docker.compose.project': 'lab',
  'com.docker.compose.service': service,
  'com.docker.compose.container-number': '1',
  'com.docker.compose.oneoff': oneoff,
  'com.docker.compose.config-hash': 'old',
});
const container = (service: string): object => ({
  Id: service.repeat(20),
  Names: [`/lab-${service}-1`],
  Image: 'busybox',
  ImageID: 'sha256:1',
  Command: 'sh',
  Created: 1,
  State: 'running',
  Status: 'Up',
  Labels: labels(service),
  Ports: [{ PrivatePort: 80, PublicPort: 8080, Type: 'tcp', IP: '0.0.0.0' }],
  NetworkSettings: { Networks: {} },
  Mounts: [],
});

const ANSWERS: readonly (readonly [RegExp, unknown])[] = [
  [/^\/containers\/json/, [container('db'), container('web')]],
  [/^\/containers\/[^/]+\/json/, { Config: { Tty: false, OpenStdin: true }, Name: '/lab-web-1', State: {} }],
  [/^\/containers\/[^/]+\/top/, { Titles: ['PID'], Processes: [['1']] }],
  [/^\/images\/json/, [{ Id: 'sha256:1', RepoTags: ['busybox:latest'], Size: 1, Labels: {} }]],
  [/^\/images\/busybox/, { Id: 'sha256:1', RepoTags: ['busybox:latest'] }],
  [/^\/networks/, []],
  [/^\/volumes/, { Volumes: [] }],
  [/\/wait/, { StatusCode: 0 }],
  [/\/(logs|events)/, undefined],
];

let server: Server;
let folder: string;
let calls: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dry-'));
  await writeFile(join(folder, 'compose.yaml'), COMPOSE);
  server = createServer((request: IncomingMessage, response: ServerResponse) => {
    calls.push(`${request.method ?? ''} ${request.url ?? ''}`);
    const found = ANSWERS.find(([path]) => path.test(request.url ?? ''));
    response.writeHead(found === undefined ? 404 : 200, { 'Content-Type': 'application/json' });
    response.end(found?.[1] === undefined ? '' : JSON.stringify(found[1]));
  }).listen(join(folder, 'engine.sock'));
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  calls = [];
});

async function run(...words: readonly string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  stdin.end();
  const status = await runCli(['--host', `unix://${folder}/engine.sock`, '-p', 'lab', ...words], {
    io: { stdin, stdout, stderr },
    env: {},
    cwd: folder,
    interrupts: listenForInterrupts(new EventEmitter(), () => undefined),
  });
  stdout.end();
  stderr.end();
  return { status, stdout: await text(stdout), stderr: await text(stderr) };
}

/** Words of each verb, and what its output must tell. */
const VERB_WORDS: Readonly<Record<string, readonly (readonly [words: string, told: RegExp])[]>> = {
  up: [['', /build made [^]*create lab-made-1/]],
  down: [['-v', /stop lab-web-1[^]*remove lab-db-1/]],
  ps: [['', /lab-web-1/]],
  logs: [['', /^$/]],
  exec: [['web ls -l', /^1\. exec lab-web-1: ls -l {2}exec was asked for\n$/]],
  run: [['web date', /db[^]*1\. run web: date/]],
  attach: [['web', /attach lab-web-1/]],
  create: [['', /create /]],
  scale: [['db=2', /create lab-db-2/]],
  start: [['', /up to date/]],
  stop: [['', /stop lab-web-1/]],
  restart: [['', /restart lab-web-1/]],
  kill: [['', /kill lab-web-1/]],
  pause: [['', /pause lab-web-1/]],
  unpause: [['web', /unpause lab-web-1/]],
  rm: [['-s', /remove lab-web-1/]],
  config: [['', /busybox/]],
  convert: [['', /busybox/]],
  port: [['web 80', /0\.0\.0\.0:8080/]],
  top: [['', /lab-web-1/]],
  cp: [
    ['web:/a .', /copy lab-web-1:\/a to \. /],
    ['compose.yaml web:/a', /copy compose\.yaml to lab-web-1:\/a/],
  ],
  stats: [['--no-stream', /NAME/]],
  events: [['', /^$/]],
  wait: [['web --down-project', /exited with status code 0[^]*remove lab-db-1/]],
  watch: [['', /build made/]],
  images: [['', /busybox/]],
  volumes: [['', /VOLUME NAME/]],
  commit: [['web x:1', /commit lab-web-1 as x:1/]],
  export: [['web -o out.tar', /export lab-web-1 to out\.tar/]],
  ls: [['', /lab/]],
  build: [
    ['', /^1\. build made {2}build was asked for\n$/],
    ['--push --provenance=false', /build made[^]*push made/],
  ],
  pull: [['', /pull busybox/]],
  push: [['', /push made/]],
  version: [['', /gantry version/]],
};

describe('--dry-run', () => {
  const verbs = Object.keys(VERBS).filter(isComposeVerb);

  it.each(verbs)('%s changes nothing, wherever it stands', async (verb) => {
    const before = await readdir(folder);
    const cases = VERB_WORDS[verb] ?? [];
    expect(cases, 'a verb without a case').not.toEqual([]);
    for (const [words, told] of cases) {
      const given = words === '' ? [] : words.split(' ');
      const first = await run('--dry-run', verb, ...given);
      expect(first.stderr + first.stdout).toMatch(told);
      expect(first.status).toBe(0);
      expect(await run(verb, '--dry-run', ...given)).toEqual(first);
    }
    expect(calls.filter((call) => !/^GET |\/wait$/.test(call))).toEqual([]);
    expect(await readdir(folder)).toEqual(before);
  });

  it.each([['docker', 'rm', 'x'], ['container', 'prune', '-f'], ['logout']])(
    'is refused for %s %s',
    async (...words) => {
      const { status, stderr } = await run('--dry-run', ...words);
      expect(stderr).toContain('only verbs of projects have --dry-run');
      expect(status).toBe(1);
      expect(calls).toEqual([]);
    },
  );
});
