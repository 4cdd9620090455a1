// Options and corners of POST /build that the docker command does not reach by itself, over the API.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startProcess } from '../../src/base/process.ts';
import { ARCHITECTURE } from '../../src/engine/build/stage-image.ts';
import { buildOver, type BuildAnswer } from '../support/build-api.ts';
import { importBusybox } from '../support/busybox-image.ts';
import { TestEngine } from '../support/engine.ts';
import { FileServer } from '../support/file-server.ts';
import { tarOf, type TarEntry } from '../support/tar.ts';

let engine: TestEngine;
let folder: string;

beforeAll(async () => {
  engine = await TestEngine.start();
  await importBusybox(engine.socket);
  folder = await mkdtemp(join(tmpdir(), 'gantry-build-options-'));
});

afterAll(async () => {
  await engine.docker(['container', 'prune', '-f']);
  await rm(folder, { recursive: true, force: true });
  await engine[Symbol.asyncDispose]();
});

async function build(dockerfile: string, files: readonly TarEntry[] = [], query = ''): Promise<BuildAnswer> {
  return await buildOver(engine.socket, { query, tar: tarOf({ name: 'Dockerfile', data: dockerfile }, ...files) });
}

/** What a last RUN says; it is not cached, since it says something else each time. */
async function said(dockerfile: string, script: string, files: readonly TarEntry[] = []): Promise<string> {
  const { text, error } = await build(`${dockerfile}RUN ${script}\n`, files, 'nocache=1');
  expect(error).toBe('');
  return (
    /---> Running in \S+\n((?:(?! ---> Running).)*) ---> Removed [^]*$/s.exec(
      text.slice(text.lastIndexOf('Step ')),
    )?.[1] ?? text
  );
}

function hits({ text }: BuildAnswer): number {
  return text.split(' ---> Using cache\n').length - 1;
}

describe('copies', () => {
  it('keep the owners of another stage unless they are given one; folders that are made are root’s', async () => {
    const stages = `FROM busybox AS made
RUN mkdir -p /o/d && echo x >/o/f && ln -s f /o/l && echo y >/o/d/g && chown -hR 1000:1001 /o
FROM busybox
COPY --from=made /o /o
COPY --from=made /o/f /f
COPY --from=made --chown=5:6 /o /p
COPY --from=made /o/d /made/deep/
`;
    const paths = '/o /o/d /o/f /o/l /f /p /p/d /p/f /p/l /made /made/deep /made/deep/g';
    expect(await said(stages, `stat -c '%n %u:%g' ${paths}`)).toBe(
      '/o 0:0\n/o/d 1000:1001\n/o/f 1000:1001\n/o/l 1000:1001\n/f 1000:1001\n' +
        '/p 5:6\n/p/d 5:6\n/p/f 5:6\n/p/l 5:6\n/made 0:0\n/made/deep 0:0\n/made/deep/g 1000:1001\n',
    );
  });

  it('are made again when only an owner changed in the stage they come from', async () => {
    const stages = (owner: string): string =>
      `FROM busybox AS made\nRUN echo x >/f && touch -d @0 /f && chown ${owner} /f\nFROM busybox\nCOPY --from=made /f /f\n`;
    expect(hits(await build(stages('7')))).toBe(0);
    expect(hits(await build(stages('8')))).toBe(0);
    expect(hits(await build(stages('7')))).toBe(2);
  });

  it('are made again when only an extended attribute changed, or the mode of the folder itself', async () => {
    const dockerfile = 'FROM busybox\nCOPY f /x/f\nCOPY d /d\n';
    const files = (value: string, mode: number): TarEntry[] => [
      { name: 'f', data: 'same', pax: { 'SCHILY.xattr.user.note': value } },
      { name: 'd', type: '5', mode },
      { name: 'd/g', data: 'same', pax: { 'SCHILY.xattr.user.note': value } },
    ];
    expect(hits(await build(dockerfile, files('1', 0o755)))).toBe(0);
    expect(hits(await build(dockerfile, files('1', 0o755)))).toBe(2);
    expect(hits(await build(dockerfile, files('1', 0o700)))).toBe(1);
    expect(hits(await build(dockerfile, files('2', 0o755)))).toBe(0);
  });

  it('keep hard links and holes', async () => {
    const stages = `FROM busybox AS made
RUN mkdir /o && dd if=/dev/zero of=/o/holes bs=1 count=1 seek=20000000 2>&1 && echo end >>/o/holes && ln /o/holes /o/other
FROM busybox
COPY --from=made /o /o
`;
    const text = await said(
      stages,
      `stat -c '%h %s' /o/holes && du -k /o && cmp /o/holes /o/other && tail -c 4 /o/holes`,
    );
    expect(text).toMatch(/^2 20000005\n\d{1,3}\t\/o\nend\n$/);
  });

  it('of archives take names of the image as owners, and zstd', async () => {
    const inner = tarOf({ name: 'in', type: '5', mode: 0o755 }, { name: 'in/side', data: 'packed', uid: 9, gid: 9 });
    const files = [
      { name: 'a.tar', data: inner },
      { name: 'b.tar.zst', data: zstdCompressSync(inner) },
    ];
    const dockerfile = 'FROM busybox\nADD --chown=app:www-data a.tar /a\nADD b.tar.zst /b\n';
    expect(await said(dockerfile, `stat -c '%U:%G' /a/in/side && stat -c '%u:%g' /b/in/side`, files)).toBe(
      'app:www-data\n9:9\n',
    );
    const unknown = await build('FROM busybox\nADD --chown=nobody-here a.tar /a\n', files);
    expect(unknown.error).toContain("can't find uid for user");
  });
});

describe('options', () => {
  it('limit the containers of RUN and choose their network', async () => {
    const script = 'cat /proc/self/limits | grep -i "open files"; cat /proc/net/dev | grep -c eth0';
    const ulimits = encodeURIComponent(JSON.stringify([{ Name: 'nofile', Soft: 123, Hard: 456 }]));
    const limited = await build(`FROM busybox\nRUN ${script}\n`, [], `nocache=1&ulimits=${ulimits}`);
    expect(limited.text).toMatch(/Max open files +123 +456 /);
    const inside = await engine.netns.check('readlink', ['/proc/self/ns/net']);
    const host = await build('FROM busybox\nRUN readlink /proc/self/ns/net\n', [], 'nocache=1&networkmode=host');
    expect(host.text).toContain(inside.trim());
  });

  it('take steps from another image’s history with cachefrom', async () => {
    const dockerfile = 'FROM busybox\nRUN date +%N >/when\nCMD ["x"]\n';
    const first = await build(dockerfile, [], 't=cached-from:1');
    expect(first.error).toBe('');
    const from = encodeURIComponent(JSON.stringify(['cached-from:1']));
    await engine.docker(['builder', 'prune', '-f']);
    const second = await build(dockerfile, [], `cachefrom=${from}`);
    await engine.docker(['builder', 'prune', '-f']);
    expect(hits(await build(dockerfile))).toBe(0);
    expect(hits(second)).toBe(2);
    expect(second.id).not.toBe('');
  });

  it('fetch a context or a lone Dockerfile from an address', async () => {
    await writeFile(join(folder, 'Lone'), 'FROM busybox\nRUN echo lone\n');
    await writeFile(join(folder, 'NeedsMore'), 'FROM busybox\nCOPY x /x\n');
    const context = tarOf(
      { name: 'Dockerfile', data: 'FROM busybox\nCOPY f /f\nRUN cat /f\n' },
      { name: 'f', data: 'far\n' },
    );
    await writeFile(join(folder, 'context.tar'), context);
    await using server = await FileServer.start(engine.netns, folder);
    const remote = async (name: string): Promise<BuildAnswer> =>
      await buildOver(engine.socket, { query: `remote=${encodeURIComponent(`${server.url}/${name}`)}` });
    expect((await remote('Lone')).text).toContain('\nlone\n');
    expect((await remote('context.tar')).text).toContain('\nfar\n');
    expect((await remote('NeedsMore')).error).toContain('no context to copy from');
    expect((await remote('missing')).error).toContain('404');
  });

  it('pull what a stage starts from, once', async () => {
    const program = `
      const { FakeRegistry } = await import(process.argv[1]);
      const registry = await FakeRegistry.start();
      registry.add('base', '1', ['one layer', 'and another']);
      console.log(registry.host);
    `;
    const module = new URL('../support/fake-registry.ts', import.meta.url).href;
    const args = engine.netns.enter(process.execPath, ['--input-type=module', '-e', program, module]);
    const registry = startProcess('nsenter', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const [host] = (await once(registry.stdout ?? registry, 'data')) as [Buffer];
      const image = `${host.toString().trim()}/base:1`;
      const dockerfile = `FROM ${image} AS base\nFROM busybox\nCOPY --from=base / /pulled\nCOPY --from=${image} /file1 /again\n`;
      const first = await build(`${dockerfile}RUN cat /pulled/file0 /pulled/file1 /again\n`);
      expect(first.error).toBe('');
      expect(first.text).toContain('one layerand anotherand another');
      expect(first.text.split('Pull complete')).toHaveLength(3);
      expect((await build(dockerfile)).text).not.toContain('Pull');
    } finally {
      registry.kill('SIGKILL');
    }
  });

  it('ask the registry for an image of another platform than the one that is here', async () => {
    const same = await build(
      'FROM busybox\nLABEL a=b\n',
      [],
      `platform=${encodeURIComponent(`linux/${ARCHITECTURE}`)}`,
    );
    expect(same.error).toBe('');
    const other = await build('FROM --platform=linux/s390x 127.0.0.1:1/busybox\nLABEL a=b\n');
    await engine.docker(['tag', 'busybox', '127.0.0.1:1/busybox']);
    const tagged = await build('FROM --platform=linux/s390x 127.0.0.1:1/busybox\nLABEL a=b\n');
    expect(tagged.error).toBe(other.error);
    expect(tagged.error).not.toBe('');
    expect((await build('FROM 127.0.0.1:1/busybox\nLABEL a=b\n')).error).toBe('');
  });
});
