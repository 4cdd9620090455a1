// Builds as people run them: `docker build` from folders, stdin and archives; `build:` in a compose file, built by `build`
// and by `up`, rebuilt when its files change, reported when it fails.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProcessResult } from '../../src/base/process.ts';
import { GANTRY, Stage } from '../support/stage.ts';

describe('builds', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.create('build');
    await stage.importBusybox();
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
  });

  async function files(list: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, text] of Object.entries(list)) await stage.write(name, text);
  }

  async function filesIn(image: string, folder: string): Promise<readonly string[]> {
    const args = ['docker', 'run', '--rm', image, 'sh', '-c', `cd ${folder} && find . | sort`];
    return (await stage.ok(args)).trimEnd().split('\n');
  }

  it('of a folder: steps, cache, tags, ignored files, the id in a file', async () => {
    await files({
      'app/Dockerfile':
        'ARG WHAT=one\nFROM busybox\nARG WHAT\nCOPY . /ctx/\nRUN echo "built $WHAT" \\\n  # a comment\n  > /made\nCMD ["cat", "/made"]\n',
      'app/.dockerignore': '# no logs\n*.log\n.dockerignore\nDockerfile\n!keep.log\n',
      'app/a.log': '',
      'app/keep.log': '',
      'app/sub/x': '',
    });
    const args = ['docker', 'build', '-t', 'app:1', '-t', 'app', '--build-arg', 'WHAT=two', '--iidfile', 'id', 'app'];
    const first = await stage.ok(args);
    expect(first.split('\n').filter((line) => !line.startsWith(' --->'))).toEqual([
      expect.stringMatching(/^Sending build context to Docker daemon {2}[\d.]+kB$/),
      'Step 1/6 : ARG WHAT=one',
      'Step 2/6 : FROM busybox',
      'Step 3/6 : ARG WHAT',
      'Step 4/6 : COPY . /ctx/',
      'Step 5/6 : RUN echo "built $WHAT"   > /made',
      'Step 6/6 : CMD ["cat", "/made"]',
      expect.stringMatching(/^Successfully built [0-9a-f]{12}$/),
      'Successfully tagged app:1',
      'Successfully tagged app:latest',
      '',
    ]);
    expect(await filesIn('app', '/ctx')).toEqual(['.', './keep.log', './sub', './sub/x']);
    expect(await stage.ok(['docker', 'run', '--rm', 'app:1'])).toBe('built two\n');
    const again = await stage.ok(args);
    expect(again.match(/Using cache/g)).toHaveLength(4);
    const id = await stage.ok(['docker', 'build', '-q', '--build-arg', 'WHAT=two', 'app']);
    expect(id).toMatch(/^sha256:[0-9a-f]{64}\n$/);
    expect(await stage.ok(['docker', 'image', 'inspect', '--format', '{{.Id}}', 'app'])).toBe(id);
  });

  it('of stdin: a Dockerfile, an archive, a Dockerfile for a folder', async () => {
    const dockerfile = 'FROM busybox\nRUN echo hello > /hello\n';
    const built = await stage.ok(['docker', 'build', '--rm', '-t', 'eg_sshd', '-'], { input: dockerfile });
    expect(built).toContain('Successfully tagged eg_sshd:latest\n');
    expect(await stage.ok(['docker', 'run', '--rm', 'eg_sshd', 'cat', '/hello'])).toBe('hello\n');
    await files({ 'tarred/D': 'FROM busybox\nCOPY f /f\n', 'tarred/f': 'in the tar\n' });
    const command = `tar -C tarred -cz . | ${GANTRY} docker build -q -f D -t tarred - && ${GANTRY} docker run --rm tarred cat /f`;
    const piped = await stage.host.run('sh', ['-c', command], { cwd: stage.folder, env: stage.env });
    expect(piped.stdout).toMatch(/^sha256:[0-9a-f]{64}\nin the tar\n$/);
    await stage.ok(['image', 'build', '-f', '-', '-t=emma:v3', 'tarred'], { input: 'FROM busybox\nCOPY . /ctx/\n' });
    expect(await filesIn('emma:v3', '/ctx')).toEqual(['.', './D', './f']);
  });

  it.each([
    [
      'FROM busybox\nRUN echo last words; exit 7\n',
      7,
      "The command '/bin/sh -c echo last words; exit 7' returned a non-zero code: 7 (Dockerfile, line 2)\n",
    ],
    [
      'FROM busybox\nRUM x\n',
      1,
      'gantry: Error response from daemon: dockerfile parse error on line 2: unknown instruction: RUM (did you mean RUN?)\n',
    ],
    ['FROM busybox\nRUN --mount=type=cache,target=/x true\n', 1, /line 2: the --mount option requires BuildKit/],
    ['FROM busybox\nCOPY nope /\n', 1, /file not found in build context or excluded by \.dockerignore/],
  ])('%j fails with %s', async (dockerfile, status, message) => {
    const failed = await stage.gantry(['docker', 'build', '-q', '--force-rm', '-'], { input: dockerfile });
    expect(failed.status).toBe(status);
    if (typeof message === 'string') expect(failed.stderr.endsWith(message), failed.stderr).toBe(true);
    else expect(failed.stderr).toMatch(message);
    expect(failed.stdout).toBe('');
  });

  describe('in a compose file', () => {
    const COMPOSE = `
services:
  web:
    build: ./web
    command: sh -c "cat /made && exec sleep 1000"
  two:
    image: two:v1
    build:
      context: ./web
      dockerfile_inline: |
        FROM busybox AS base
        ARG WHO
        RUN echo "for $$WHO" > /made
        FROM base AS rest
        RUN exit 1
      target: base
      args: [WHO]
      tags: ["two:extra"]
      labels: {own: label}
    command: sh -c "cat /made && exec sleep 1000"
    depends_on: [web]
`;
    beforeAll(async () => {
      await files({
        'compose.yaml': COMPOSE,
        'web/Dockerfile': 'FROM busybox\nCOPY text /made\n',
        'web/text': 'first\n',
      });
    });
    afterAll(async () => {
      await compose('down', '-t', '0');
    });

    const compose = async (...args: readonly string[]): Promise<ProcessResult> =>
      await stage.gantry(['-p', 'bp', ...args], { env: { WHO: 'you' } });

    it('is built when its image is missing, and says why', async () => {
      const plan = await compose('up', '--plan');
      expect(plan.stdout).toMatch(/^\d\. build bp-web +image "bp-web" is not there$/m);
      expect(plan.stdout).toMatch(/^\d\. build two:v1 +image "two:v1" is not there {2}\(after \d\)$/m);
      const refused = await compose('up', '-d', '--no-build');
      expect(refused.status).toBe(1);
      expect(refused.stderr).toMatch(
        /service "web": no such image: bp-web \[.*\]\n {2}hint: build it: gantry build web\n/,
      );
      const up = await compose('up', '-d');
      expect(up.stderr).toContain('web  | Step 2/3 : COPY text /made\n');
      expect(up.stderr).toContain(' Image bp-web  Built\n');
      expect(up.status).toBe(0);
      const logs = await compose('logs', '--no-log-prefix');
      expect(logs.stdout.split('\n').toSorted()).toEqual(['', 'first', 'for you']);
    });

    it('has compose’s labels, its own, and all its names', async () => {
      const format =
        '{{index .Config.Labels "com.docker.compose.project"}} {{index .Config.Labels "own"}} {{.RepoTags}}';
      expect(await stage.ok(['docker', 'image', 'inspect', '--format', format, 'two:v1'])).toBe(
        'bp label [two:extra two:v1]\n',
      );
    });

    it('is made again by up --build when its files changed, and only then', async () => {
      expect((await compose('up', '-d', '--build', '--quiet-build')).stderr).toContain(
        ' Container bp-web-1  Running\n',
      );
      await files({ 'web/text': 'second\n' });
      const up = await compose('up', '-d', '--build', '--quiet-build', '-t', '0');
      expect(up.stderr).toContain(' Container bp-web-1  Recreated\n');
      expect(up.stderr).toContain(' Container bp-two-1  Running\n');
      expect(up.stderr).not.toContain('Step ');
      expect((await compose('logs', '--no-log-prefix', 'web')).stdout).toBe('second\n');
    });

    it('tells a failure with step, line and last lines, exit code 17', async () => {
      await files({ 'web/Dockerfile': 'FROM busybox\nRUN echo last words && \\\n  exit 3\n' });
      const failed = await compose('build', '-q', 'web');
      expect(failed.status).toBe(17);
      expect(failed.stderr).toContain(
        `gantry: service "web": cannot build: The command '/bin/sh -c echo last words &&   exit 3' returned a non-zero code: 3 (Dockerfile:2, step 2/3: RUN echo last words &&   exit 3)\nits last lines:\n  | last words\n`,
      );
    });

    it('refuses what only BuildKit can do', async () => {
      await stage.write('bk.yaml', 'services: {a: {build: {context: web, ssh: [default]}}}\n');
      const refused = await compose('-f', 'bk.yaml', 'build');
      expect(refused.stderr).toContain('service "a": build.ssh needs BuildKit');
    });
  });

  it('leaves no folder of a build behind', async () => {
    await rm(join(stage.folder, 'app'), { recursive: true });
    const failed = await stage.gantry(['docker', 'build', 'app']);
    expect(failed.stderr).toContain('unable to prepare context: path "app" not found');
    const left = await stage.host.run('sh', ['-c', 'ls data/image-work'], { cwd: stage.folder });
    expect(left.stdout).toBe('');
  });
});
