// Build contexts: what is sent of a folder, in the tar that GNU tar reads, and what stdin and -f mean.
import { chmod, link, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runChecked } from '../../../src/base/process.ts';
import { openContext, type BuildContext, type ContextSpec } from '../../../src/client/context/open.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'context-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function put(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
}

async function opened(spec: Partial<ContextSpec> & { readonly text?: string | Buffer } = {}): Promise<BuildContext> {
  const stdin = Readable.from(spec.text === undefined ? [] : [spec.text]);
  return await openContext({ context: '.', cwd: folder, stdin, ...spec });
}

async function tarOf(context: BuildContext): Promise<Buffer> {
  return await buffer(context.input ?? expect.fail('no stream'));
}

async function listed(context: BuildContext, flags = '-t'): Promise<readonly string[]> {
  const args = [flags, '--numeric-owner', '--full-time', '-f', '-'];
  const text = await runChecked('tar', args, {
    input: await tarOf(context),
    env: { TZ: 'UTC', PATH: '/usr/bin:/bin' },
  });
  return text.split('\n').filter((line) => line !== '');
}

async function textOf(context: BuildContext, path: string): Promise<string> {
  return await runChecked('tar', ['-xOf', '-', path], { input: await tarOf(context) });
}

describe('a folder', () => {
  it('is sent with links, modes and owner 0, ignored files left out, the files of the build always in', async () => {
    await put({
      Dockerfile: 'FROM x',
      '.dockerignore': '*\n!keep\n!deep/er/x',
      a: '1',
      keep: '12',
      'deep/er/x': '',
      'deep/y': '',
    });
    await chmod(join(folder, 'keep'), 0o4755);
    await symlink('/etc/passwd', join(folder, 'deep/er/x2'));
    await writeFile(join(folder, '.dockerignore'), '*\n!keep\n!deep/er/*');
    await link(join(folder, 'keep'), join(folder, 'deep/er/zhard'));
    const lines = await listed(await opened(), '-tv');
    expect(lines.map((line) => line.replace(/\d{4}-\S+ \S+ /, '').replace(/ +/g, ' '))).toEqual([
      expect.stringMatching(/^-rw-r--r-- 0\/0 18 .dockerignore$/),
      expect.stringMatching(/^-rw-r--r-- 0\/0 6 Dockerfile$/),
      expect.stringMatching(/^drwxr-xr-x 0\/0 0 deep\/$/),
      expect.stringMatching(/^drwxr-xr-x 0\/0 0 deep\/er\/$/),
      '-rw-r--r-- 0/0 0 deep/er/x',
      'lrwxrwxrwx 0/0 0 deep/er/x2 -> /etc/passwd',
      '-rwsr-xr-x 0/0 2 deep/er/zhard',
      'hrwsr-xr-x 0/0 0 keep link to deep/er/zhard',
    ]);
  });

  it('is sent as it is read: a large file, long names', async () => {
    const name = `${'n'.repeat(200)}/${'ü'.repeat(100)}`;
    await put({ Dockerfile: 'FROM x', [name]: 'deep', large: '' });
    await truncate(join(folder, 'large'), 5 * 1024 * 1024 + 3);
    const context = await opened();
    const lines = await listed(context, '-tv');
    expect(lines.find((line) => line.endsWith(' large'))).toContain(` ${5 * 1024 * 1024 + 3} `);
    expect(await textOf(await opened(), name)).toBe('deep');
  });

  it('takes the ignore file of the Dockerfile first', async () => {
    await put({ 'x/D': 'FROM x', 'x/D.dockerignore': 'a', '.dockerignore': 'b', a: '', b: '' });
    const context = await opened({ dockerfile: 'x/D' });
    expect(context.dockerfile).toBe('x/D');
    expect(await listed(context)).toEqual(['.dockerignore', 'b', 'x/', 'x/D', 'x/D.dockerignore']);
  });

  it('takes a Dockerfile from elsewhere, from stdin or inline under a name of its own, which is ignored', async () => {
    await put({ 'in/a': '', 'in/.dockerignore': 'zzz', D: 'FROM outside' });
    const spec = { context: 'in' };
    for (const [more, text] of [
      [{ dockerfile: 'D' }, 'FROM outside'],
      [{ dockerfile: '-', text: 'FROM stdin' }, 'FROM stdin'],
      [{ inline: 'FROM inline' }, 'FROM inline'],
    ] as const) {
      const context = await opened({ ...spec, ...more });
      expect(context.dockerfile).toMatch(/^\.dockerfile\.[0-9a-f]{20}$/);
      const tar = await tarOf(context);
      const again = (): BuildContext => ({ ...context, input: Readable.from([tar]) });
      expect(await listed(again())).toEqual([context.dockerfile, '.dockerignore', 'a']);
      expect(await textOf(again(), context.dockerfile)).toBe(text);
      expect(await textOf(again(), '.dockerignore')).toBe(`zzz\n${context.dockerfile}\n`);
    }
  });

  it.each([
    [{ context: 'nope' }, 'unable to prepare context: path "nope" not found'],
    [{ context: 'file' }, 'unable to prepare context: path "file" is no folder'],
    [{}, /unable to prepare context: no Dockerfile at .*\/Dockerfile$/],
    [{ context: '-', dockerfile: '-' }, "can't use stdin for both build context and dockerfile"],
    [
      { context: 'https://user:secret@example.org/x.git' },
      /^git contexts are not supported: https:\/\/example.org\/x.git$/,
    ],
  ])('%j is refused', async (spec, message) => {
    await put({ file: '' });
    await expect(opened(spec)).rejects.toThrow(message);
  });

  it('names a file that cannot be read', async () => {
    await put({ Dockerfile: 'FROM x' });
    // not even root reads a folder through a loop of links
    await symlink('loop', join(folder, 'loop'));
    await put({ '.dockerignore': '' });
    await expect(tarOf(await opened())).resolves.toBeDefined();
    const { packContext } = await import('../../../src/client/context/pack.ts');
    const ignore = { ignores: () => false, prunes: () => false };
    const input = packContext({ folder: join(folder, 'gone'), ignore, always: [], extra: new Map() });
    await expect(buffer(input)).rejects.toThrow(/^cannot read .*\/gone of the build context/);
  });
});

describe('stdin', () => {
  it('is a Dockerfile', async () => {
    const context = await opened({ context: '-', text: 'FROM busybox\n' });
    expect(await listed({ ...context, input: context.input ?? Readable.from([]) })).toEqual([context.dockerfile]);
  });

  it('is an archive, plain or compressed, passed on as it is', async () => {
    await put({ Dockerfile: 'FROM x' });
    const tar = await tarOf(await opened());
    for (const bytes of [tar, gzipSync(tar)]) {
      const context = await opened({ context: '-', text: bytes, dockerfile: 'D' });
      expect(context.dockerfile).toBe('D');
      expect((await tarOf(context)).equals(bytes)).toBe(true);
    }
  });

  it('must not be empty', async () => {
    await expect(opened({ context: '-' })).rejects.toThrow('the Dockerfile cannot be empty');
  });

  it('an address goes to the engine', async () => {
    expect(await opened({ context: 'http://localhost/x.tar.gz' })).toEqual({
      remote: 'http://localhost/x.tar.gz',
      dockerfile: 'Dockerfile',
    });
  });
});
