// POST /build with the real docker command and its classic builder.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProcess, type ProcessResult } from '../../src/base/process.ts';
import { processEnv } from '../../src/base/env.ts';
import { importBusybox } from '../support/busybox-image.ts';
import { TestEngine } from '../support/engine.ts';

let engine: TestEngine;
let folder: string;

beforeAll(async () => {
  engine = await TestEngine.start();
  await importBusybox(engine.socket);
  folder = await mkdtemp(join(tmpdir(), 'gantry-build-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await engine[Symbol.asyncDispose]();
});

/** Builds a context of files; the Dockerfile is one of them. */
async function build(
  name: string,
  files: Readonly<Record<string, string>>,
  ...flags: readonly string[]
): Promise<ProcessResult> {
  const context = join(folder, name);
  await mkdir(context, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(context, path)), { recursive: true });
    await writeFile(join(context, path), text);
  }
  const args = ['-H', `unix://${engine.socket}`, 'build', '-t', `${name}:test`, ...flags, context];
  return await runProcess('docker', args, { env: { ...dockerEnv(), DOCKER_BUILDKIT: '0' } });
}

function dockerEnv(): Record<string, string> {
  const { PATH = '' } = processEnv();
  return { PATH, HOME: folder };
}

async function inImage(name: string, script: string): Promise<string> {
  const { stdout, stderr } = await engine.docker(['run', '--rm', `${name}:test`, 'sh', '-c', script]);
  return stdout + stderr;
}

describe('a build by the docker command', () => {
  it('runs commands, copies files and sets the configuration', async () => {
    const dockerfile = `FROM busybox
ENV A=1 B="two words"
WORKDIR /srv/app
COPY . .
COPY hello.txt /etc/motd
RUN echo "$A $B" >out && ls /srv/app >/list
EXPOSE 80 53/udp
USER app
CMD ["cat", "out"]
`;
    const made = await build('first', { Dockerfile: dockerfile, 'hello.txt': 'hello\n', 'sub/x': 'x' });
    expect(made.stdout + made.stderr).toMatch(/Successfully tagged first:test/);
    expect(made.status).toBe(0);
    expect(await inImage('first', 'cat out /list /etc/motd; pwd; id -un')).toBe(
      '1 two words\nDockerfile\nhello.txt\nout\nsub\nhello\n/srv/app\napp\n',
    );
  });
});
