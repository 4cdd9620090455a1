// POST /build with the real docker command and its classic builder.
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChecked, runProcess, startProcess, type ProcessResult } from '../../src/base/process.ts';
import { processEnv } from '../../src/base/env.ts';
import { callApi } from '../support/api.ts';
import { importBusybox } from '../support/busybox-image.ts';
import { TestEngine } from '../support/engine.ts';
import { tarOf } from '../support/tar.ts';
import { eventually } from '../support/eventually.ts';
import { FileServer } from '../support/file-server.ts';

let engine: TestEngine;
let folder: string;

beforeAll(async () => {
  engine = await TestEngine.start();
  await importBusybox(engine.socket);
  folder = await mkdtemp(join(tmpdir(), 'gantry-build-'));
});

afterAll(async () => {
  // containers of commands that failed stay, as docker's do
  await engine.docker(['container', 'prune', '-f']);
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

/** The id of a container that is made of an image and never runs. */
async function created(name: string): Promise<string> {
  return (await engine.docker(['create', `${name}:test`])).stdout.trim();
}

describe('a build by the docker command', () => {
  it('says the same again when nothing changed, until what it stands on does', async () => {
    await engine.docker(['tag', 'busybox', 'ground:1']);
    const files = { Dockerfile: 'FROM ground:1\nCOPY x /x\nRUN cat /x >/y\n', x: 'one\n' };
    const hits = (made: ProcessResult): number => made.stdout.split('Using cache').length - 1;
    await build('again', files);
    const cached = await build('again', files);
    expect(hits(cached)).toBe(2);
    await engine.docker(['tag', 'busybox', 'again:test']); // the name is set anew each time
    for (let round = 0; round < 2; round += 1) expect((await build('again', files)).stdout).toBe(cached.stdout);
    expect(await inImage('again', 'cat /y')).toBe('one\n');
    expect(hits(await build('again', files, '--no-cache'))).toBe(0);
    expect(hits(await build('again', files, '--label', 'a=b'))).toBe(2);
    await build('again', files);
    await engine.docker(['commit', '--change', 'ENV GROUND=2', await created('again'), 'ground:1']);
    expect(hits(await build('again', files))).toBe(0);
    expect(await inImage('again', 'echo $GROUND; cat /y')).toBe('2\none\n');
  });

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

  it('builds stages, copies from them, and leaves out what the target does not need', async () => {
    const dockerfile = `ARG BASE=busybox
FROM $BASE AS maker
ARG GREETING=hi
RUN mkdir /out && echo "$GREETING" >/out/a && ln -s a /out/link && chown -R 1000:1000 /out
FROM scratch AS bare
COPY --from=maker /out/ /only/
FROM busybox
COPY --from=maker --chown=app:www-data --chmod=0640 /out/a /data/
COPY --from=bare /only/link /plain
COPY --from=maker /out /tree
FROM busybox AS never
RUN false
`;
    const flags = ['--build-arg', 'GREETING=hello', '--target', '2'];
    const made = await build('stages', { Dockerfile: dockerfile }, ...flags);
    expect(complaints(made)).toBe('');
    expect(made.stdout).toContain('Step 1/10 : ARG BASE=busybox\n');
    expect(await inImage('stages', 'stat -c "%U:%G %a" /data/a /plain; cat /data/a /plain; ls -l /tree')).toMatch(
      /^app:www-data 640\napp:app 644\nhello\nhello\n[^]*link -> a\n$/,
    );
  });

  it('takes every step of an unchanged build from the cache, and none behind what changed', async () => {
    const dockerfile =
      'FROM busybox\nRUN date +%N >/when\nCOPY f /f\nRUN cat /f >/g\nARG X\nRUN echo $X >/x\nLABEL a=b\n';
    const first = await build('cached', { Dockerfile: dockerfile, f: '1' }, '--build-arg', 'X=1');
    const second = await build('cached', { Dockerfile: dockerfile, f: '1' }, '--build-arg', 'X=1');
    expect(idOf(second)).toBe(idOf(first));
    expect(hits(second)).toBe(6);
    expect(hits(await build('cached', { Dockerfile: dockerfile, f: '1' }, '--build-arg', 'X=2'))).toBe(4);
    expect(hits(await build('cached', { Dockerfile: dockerfile, f: '2' }, '--build-arg', 'X=1'))).toBe(1);
    await engine.stop();
    await engine.restart();
    expect(hits(await build('cached', { Dockerfile: dockerfile, f: '1' }, '--build-arg', 'X=1'))).toBe(6);
    expect(hits(await build('cached', { Dockerfile: dockerfile, f: '1' }, '--no-cache'))).toBe(0);
  });

  it('says which command failed, with which code and where, and removes nothing that was completed', async () => {
    const dockerfile = 'FROM busybox\nRUN echo before\n\nRUN echo seen && exit 3\n';
    const failed = await build('failing', { Dockerfile: dockerfile });
    expect(failed.status).toBe(3);
    expect(failed.stdout).toContain('seen\n');
    expect(failed.stderr).toContain(`The command '/bin/sh -c echo seen && exit 3' returned a non-zero code: 3`);
    expect(failed.stderr).toContain('Dockerfile, line 4');
    expect(hits(await build('failing', { Dockerfile: dockerfile }, '--force-rm'))).toBe(1);
  });

  it('tells what the cache holds beside the images', async () => {
    await build('kept', { Dockerfile: 'FROM busybox\nRUN head -c 5000 /dev/zero >/kept\nRUN false\n' });
    const { body } = await callApi(engine.socket, '/system/df?type=build-cache');
    const { BuildCache } = JSON.parse(body) as { BuildCache: { Description: string }[] };
    const entry = BuildCache.find(({ Description }) => Description.includes('/kept'));
    expect(entry).toMatchObject({ Type: 'regular', Shared: false, InUse: false, Size: 5000 });
  });

  it('runs heredocs as scripts and makes files of them', async () => {
    const dockerfile = `FROM busybox
ARG WHO=world
RUN <<EOF
echo one >/one
echo two >>/one
EOF
RUN <<"EOF"
#!/bin/awk -f
BEGIN { print "awk" > "/awk" }
EOF
COPY <<first <<"second" /files/
hello $WHO
first
hello $WHO
second
`;
    const made = await build('heredocs', { Dockerfile: dockerfile });
    expect(complaints(made)).toBe('');
    expect(await inImage('heredocs', 'cat /one /awk /files/first /files/second; ls /dev/pipes')).toBe(
      'one\ntwo\nawk\nhello world\nhello $WHO\nls: /dev/pipes: No such file or directory\n',
    );
  });

  it('hands ONBUILD down to the next image only', async () => {
    await build('parent', { Dockerfile: 'FROM busybox\nONBUILD COPY note /note\nONBUILD RUN cat /note >/copied\n' });
    const child = await build('child', { Dockerfile: 'FROM parent:test\nRUN echo own\n', note: 'noted\n' });
    expect(child.stdout).toContain('# Executing 2 build triggers');
    expect(await inImage('child', 'cat /copied')).toBe('noted\n');
    const grandchild = await build('grandchild', { Dockerfile: 'FROM child:test\nRUN true\n' });
    expect(grandchild.stdout).not.toContain('trigger');
  });

  it('unpacks local archives with ADD, of any compression, and copies them with COPY', async () => {
    const context = join(folder, 'archives');
    await mkdir(join(context, 'in'), { recursive: true });
    await writeFile(join(context, 'in/inside'), 'packed\n');
    const script =
      'cd "$0" && tar -cf a.tar in && tar -czf b.tgz in && tar -cjf c.bz2 in && tar -cJf d.xz in && echo text >e.gz';
    await runChecked('sh', ['-c', script, context]);
    const dockerfile = `FROM busybox
ADD a.tar /a
ADD b.tgz /b/
ADD c.bz2 d.xz /cd/
ADD e.gz /e.gz
COPY a.tar /copied.tar
`;
    const made = await build('archives', { Dockerfile: dockerfile });
    expect(complaints(made)).toBe('');
    expect(await inImage('archives', 'cat /a/in/inside /b/in/inside /cd/in/inside /e.gz; tar -tf /copied.tar')).toBe(
      'packed\npacked\npacked\ntext\nin/\nin/inside\n',
    );
  });

  it('fetches addresses with ADD, also of a server on the loopback of its own host', async () => {
    await using server = await FileServer.start(engine.netns, join(folder, 'archives'));
    const dockerfile = `FROM busybox\nADD ${server.url}/a.tar /tmp/\nADD ${server.url}/a.tar /renamed\n`;
    const made = await build('fetched', { Dockerfile: dockerfile });
    expect(complaints(made)).toBe('');
    expect(await inImage('fetched', 'stat -c %a /tmp/a.tar /renamed; tar -tf /tmp/a.tar')).toBe(
      '600\n600\nin/\nin/inside\n',
    );
    const missing = await build('missing', { Dockerfile: `FROM busybox\nADD ${server.url}/nothing /x\n` });
    expect(missing.stderr).toContain('404');
  });
});

describe('what a build must not reach', () => {
  it('follows symlinks of the context only within it', async () => {
    const context = join(folder, 'evil');
    await mkdir(context, { recursive: true });
    await writeFile(join(folder, 'secret'), 'host secret');
    await symlink(join(folder, 'secret'), join(context, 'absolute'));
    await symlink('../secret', join(context, 'up'));
    await symlink('/', join(context, 'root'));
    for (const source of ['absolute', 'up', `root${folder}/secret`, '../secret']) {
      const made = await build('evil', { Dockerfile: `FROM busybox\nCOPY ${source} /stolen\n` });
      expect(made.stderr).toContain('file not found in build context');
    }
    const whole = await build('evil', { Dockerfile: 'FROM busybox\nCOPY . /all\nRUN cat /all/up || echo contained\n' });
    expect(whole.stdout).toContain('contained');
  });

  it('writes below the image, wherever symlinks in it lead', async () => {
    const outside = join(folder, 'outside');
    const context = join(folder, 'inside');
    for (const path of [outside, context]) await mkdir(path, { recursive: true });
    const up = `/../../..${outside}`;
    const evil = tarOf(
      { name: 'etc', type: '2', link: outside },
      { name: 'up', type: '2', link: up },
      { name: 'file', type: '2', link: `${outside}/new` },
    );
    await writeFile(join(context, 'evil.tar'), evil);
    await writeFile(join(context, 'b.tgz'), gzipSync(tarOf({ name: 'in/inside', data: 'packed' })));
    const dockerfile = `FROM scratch AS links
ADD evil.tar /
FROM links
COPY f /etc/f
COPY f /up/
COPY f /file
ADD b.tgz /etc/
WORKDIR /etc/made
COPY --from=links /etc /nothing
`;
    const made = await build('inside', { Dockerfile: dockerfile, f: 'f' });
    expect(await readdir(outside)).toEqual([]);
    // without layers there is no mount to be confined to: the folder itself must hold
    const through = tarOf({ name: 'etc/new', data: 'f' }, { name: 'up/new', data: 'f' }, { name: 'file', data: 'f' });
    await writeFile(join(context, 'through.tar'), through);
    await build('inside', { Dockerfile: 'FROM scratch\nADD evil.tar through.tar /\n' });
    expect(await readdir(outside)).toEqual([]);
    expect(complaints(made)).toContain('file not found in links');
  });
});

describe('the end of a build', () => {
  it('comes when the client leaves, and leaves nothing', async () => {
    const context = join(folder, 'cancelled');
    await mkdir(context, { recursive: true });
    await writeFile(join(context, 'Dockerfile'), 'FROM busybox\nRUN echo going && sleep 1000\n');
    const before = (await engine.docker(['ps', '-aq'])).stdout;
    const leave = new AbortController();
    const args = ['-H', `unix://${engine.socket}`, 'build', context];
    const child = startProcess('docker', args, { env: { ...dockerEnv(), DOCKER_BUILDKIT: '0' }, signal: leave.signal });
    child.on('error', () => undefined);
    for await (const chunk of child.stdout ?? []) if (/^going$/m.test(String(chunk))) leave.abort();
    await eventually(async () => {
      expect((await engine.docker(['ps', '-aq'])).stdout).toBe(before);
      expect(await readdir(join(engine.data, 'image-work'))).toEqual([]);
      return true;
    });
  });

  it('frees what only the cache holds when it is pruned', async () => {
    const answer = await callApi(engine.socket, '/build/prune', 'POST');
    expect(JSON.parse(answer.body)).toMatchObject({ SpaceReclaimed: expect.any(Number) as number });
    expect(hits(await build('cached', { Dockerfile: 'FROM busybox\nRUN date +%N >/when\n' }))).toBe(0);
  });

  it('is a clear refusal where BuildKit is asked for', async () => {
    const answer = await callApi(engine.socket, '/build?version=2', 'POST');
    expect(answer.status).toBe(501);
    expect(answer.body).toContain('DOCKER_BUILDKIT=0');
  });
});

function hits({ stdout }: ProcessResult): number {
  return stdout.split(' ---> Using cache\n').length - 1;
}

/** Standard error without the command's own notice. */
function complaints({ stderr }: ProcessResult): string {
  return stderr.replace(/^DEPRECATED:.*\n(?: +\S.*\n)*\n?/m, '').trim();
}

function idOf({ stdout }: ProcessResult): string | undefined {
  return /Successfully built ([0-9a-f]{12})/.exec(stdout)?.[1];
}
