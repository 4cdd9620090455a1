// `config`: what its flags print, with no engine, and with one that only knows digests.
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../../src/cli/run.ts';
import { projectFolder, type Files } from '../../../support/compose-files.ts';

const BASE = `name: demo
services:
  web:
    image: nginx:\${TAG:-1.2}
    command: echo \${A} $\${B} \${C?need c} \${D:+\${E-x}}
    environment: {X: "\${A}", Y: "$F"}
    networks: [front]
    volumes: [data:/d]
  db:
    build: .
    profiles: [p, q]
networks: {front: {}}
volumes: {data: {}}
`;

interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

let socket = '';
let server: Server;
const folder = projectFolder({ x: '' });

beforeAll(async () => {
  socket = join(folder.dir, 'engine.sock');
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', 'http://engine');
    const digest = `sha256:${pathname.includes('distribution') ? '5'.repeat(64) : ''}`;
    response.setHeader('Api-Version', '1.43').setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ ApiVersion: '1.43', Descriptor: { digest, mediaType: '', size: 1 }, Platforms: [] }));
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
});
afterAll(async () => {
  await new Promise((resolve) => server.close(resolve));
  folder[Symbol.dispose]();
});

async function config(files: Files | string, ...words: readonly string[]): Promise<Result> {
  using project = projectFolder(typeof files === 'string' ? { 'compose.yaml': files } : files);
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const texts = { out: '', err: '' };
  stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()));
  stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()));
  const interrupts = {
    signal: new AbortController().signal,
    handle: () => () => {},
    forward: () => () => {},
    dispose() {},
  };
  const status = await runCli(['--host', `unix://${socket}`, 'config', ...words], {
    io: { stdin, stdout, stderr },
    env: { C: '1', HOME: project.dir },
    cwd: project.dir,
    interrupts,
  });
  const clean = (text: string): string => text.replaceAll(project.dir, '/demo');
  return { status, stdout: clean(texts.out), stderr: clean(texts.err) };
}

describe('config', () => {
  it('--variables lists what the files use, as docker compose does', async () => {
    const { status, stdout } = await config(BASE, '--variables');
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'NAME                REQUIRED            DEFAULT VALUE       ALTERNATE VALUE',
      'A                   false                                   ',
      'C                   true                                    ',
      'D                   false                                   \${E-x}',
      'E                   false               x                   ',
      'F                   false                                   ',
      'TAG                 false               1.2                 ',
      '',
    ]);
  });

  it('--no-interpolate prints everything as it is written, keys sorted', async () => {
    const { stdout } = await config(BASE, '--no-interpolate');
    expect(stdout).toBe(`name: demo
networks:
  default:
    name: demo_default
  front:
    name: demo_front
services:
  db:
    build:
      context: /demo
      dockerfile: Dockerfile
    networks:
      default: null
    profiles:
      - p
      - q
  web:
    command: echo \${A} $\${B} \${C?need c} \${D:+\${E-x}}
    environment:
      X: \${A}
      "Y": $F
    image: nginx:\${TAG:-1.2}
    networks:
      front: null
    volumes:
      - source: data
        target: /d
        type: volume
        volume: {}
volumes:
  data:
    name: demo_data
`);
  });

  it.each([
    [['--services'], 'web\n'],
    [['--services', '--profiles'], 'web\n'],
    [['-q', '--services'], 'web\n'],
    [['--volumes'], 'data\n'],
    [['--networks'], 'front\n'],
    [['--models'], ''],
    [['--profiles'], 'p\nq\n'],
    [['--images'], 'nginx:1.2\n'],
    [['-q'], ''],
  ])('%j', async (words, expected) => {
    expect((await config(BASE, ...words)).stdout).toBe(expected);
  });

  it.each<[string[], string]>([
    [['--services', 'db'], 'web\n'],
    [['--volumes', 'db'], 'data\n'],
    [['--images', 'db'], 'demo-db\n'],
    [['-o', 'out.txt', '--services'], 'web\n'],
  ])('%j is of all services but for images, and goes to stdout', async (words, expected) => {
    expect((await config(BASE, ...words)).stdout).toBe(expected);
  });

  it('needs no env_file for a list, nor for a model that is not filled in', async () => {
    const files = 'services: {a: {image: x, env_file: nope.env, build: {context: ., args: [NOPE]}}}';
    expect(await config(files, '--services')).toMatchObject({ status: 0, stdout: 'a\n' });
    expect(await config(files, '--no-interpolate')).toMatchObject({ status: 0 });
    expect(await config(files)).toMatchObject({ status: 1 });
  });

  it('of some services keeps what the others use', async () => {
    const { stdout } = await config(BASE, 'db');
    expect(stdout).toMatch(/^services:\n {2}db:/m);
    expect(stdout).toContain('name: demo_front');
    expect(stdout).toContain('name: demo_data');
  });

  it('of a service switches on its profiles, not what is amiss with others of them', async () => {
    const files = `services:
  a: {image: a, profiles: [p]}
  b: {image: b, profiles: [p], depends_on: [c]}
  c: {image: c, profiles: [q]}
`;
    expect(await config(files, 'a')).toMatchObject({ status: 0 });
    expect((await config(files, 'b')).stderr).toContain('services.b depends on "c", which is switched off');
  });

  it('--no-normalize keeps build arguments without a value', async () => {
    const { stdout } = await config('services: {a: {build: {context: ., args: [NOPE]}}}', '--no-normalize');
    expect(stdout).toContain('NOPE: null');
  });

  it('--no-path-resolution keeps paths of included files relative', async () => {
    const files = { 'compose.yaml': 'include: [sub/i.yaml]', 'sub/i.yaml': 'services: {i: {build: ./b}}' };
    expect((await config(files, '--no-path-resolution')).stdout).toContain('context: sub/b\n');
  });

  it('prints JSON without a newline at its end, as docker compose does', async () => {
    expect((await config(BASE, '--format', 'json')).stdout.endsWith('\n}')).toBe(true);
  });

  it('--resolve-image-digests pins images, once for each', async () => {
    const { stdout } = await config(BASE, '--resolve-image-digests');
    expect(stdout).toContain(`image: docker.io/library/nginx:1.2@sha256:${'5'.repeat(64)}\n`);
  });

  it('--lock-image-digests prints an override', async () => {
    const { stdout } = await config(BASE, '--lock-image-digests');
    expect(stdout).toBe(`services:\n  "web":\n    image: docker.io/library/nginx:1.2@sha256:${'5'.repeat(64)}\n`);
  });
});

describe('config -q --format json', () => {
  it('gives editors every problem with its place', async () => {
    const { status, stdout } = await config(
      'services:\n  a: {imag: x}\n  b: {image: y, tty: maybe}\n',
      '-q',
      '--format',
      'json',
    );
    expect(status).toBe(1);
    const at = (line: number, column: number, endColumn: number): object => ({
      file: '/demo/compose.yaml',
      line,
      column,
      endLine: line,
      endColumn,
    });
    expect(JSON.parse(stdout)).toEqual({
      problems: [
        {
          severity: 'error',
          code: 'compose/unknown-attribute',
          message: 'services.a has no attribute "imag"',
          ...at(2, 7, 11),
          hint: 'did you mean "image"?',
          related: [],
        },
        {
          severity: 'error',
          code: 'compose/invalid-value',
          message: 'services.b.tty must be true or false, not "maybe"',
          ...at(3, 22, 27),
          related: [],
        },
      ],
    });
  });

  it('says that there are none', async () => {
    expect(await config('services: {a: {image: x}}', '-q', '--format', 'json')).toEqual({
      status: 0,
      stdout: '{\n  "problems": []\n}\n',
      stderr: '',
    });
  });

  it('warns of what is not applied', async () => {
    const { stdout } = await config('services: {a: {image: x, deploy: {mode: global}}}', '-q', '--format', 'json');
    expect(stdout).toContain('services.a.deploy.mode is not applied: there is no cluster that would need it');
  });
});

const LAYERS: Files = {
  'compose.yaml': `services:\n  web: {image: "nginx:\${TAG:-1}", environment: [X=a], ports: ["80:80"]}\n  api: {extends: {file: base.yaml, service: root}}\n`,
  'compose.override.yaml': 'services:\n  web:\n    image: nginx:$TAG\n    environment: {X: b}\n',
  'base.yaml': 'services:\n  root:\n    image: base\n',
  '.env': 'TAG=9\n',
};

describe('config --explain', () => {
  it('names place, variable and what was overridden', async () => {
    expect((await config(LAYERS, '--explain', 'services.web.image')).stdout).toBe(`services.web.image = "nginx:9"
  from /demo/compose.override.yaml:3:12: image: nginx:$TAG
    TAG is "9", set at /demo/.env:1:1: TAG=9
  in place of /demo/compose.yaml:2:16: web: {image: "nginx:\${TAG:-1}", environment: [X=a], ports: ["80:80"]}
`);
  });

  it('follows extends, and short forms of the other file', async () => {
    expect((await config(LAYERS, '--explain', 'services.api.image')).stdout).toBe(
      `services.api.image = "base"
  from /demo/base.yaml:3:12: image: base
  by extends at /demo/compose.yaml:3:18: api: {extends: {file: base.yaml, service: root}}
`,
    );
    const { stdout } = await config(LAYERS, '--explain', 'services.web.environment');
    expect(
      stdout
        .split('\n')
        .slice(0, 3)
        .map((line) => line.slice(0, 44)),
    ).toEqual([
      'services.web.environment.X = "b"',
      '  from /demo/compose.override.yaml:4:22: env',
      '  in place of /demo/compose.yaml:2:49: web: ',
    ]);
  });

  it('tells what no file says', async () => {
    expect((await config(LAYERS, '--explain', 'services.web.networks')).stdout).toBe(
      'services.web.networks.default = null\n  follows from /demo/compose.override.yaml:3:5: image: nginx:$TAG\n',
    );
  });

  it('suggests the path that was meant', async () => {
    const { status, stderr } = await config(LAYERS, '--explain', 'services.web.imge');
    expect(status).toBe(1);
    expect(stderr).toBe('gantry: services.web has no "imge"\nhint: did you mean "image"?\n');
  });
});
