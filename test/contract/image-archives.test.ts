// Images out of an engine and into another one as archives, by the docker command and by dockerode.
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runChecked } from '../../src/base/process.ts';
import { dockerFor } from '../support/docker.ts';
import { TestEngine } from '../support/engine.ts';
import { tarOf } from '../support/tar.ts';

const TAR = tarOf({ name: 'etc/', type: '5' }, { name: 'etc/motd', data: 'hello\n' });

let engine: TestEngine;
let folder: string;
const { docker, ok } = dockerFor(() => engine);

beforeAll(async () => {
  engine = await TestEngine.start();
  folder = await mkdtemp(join(tmpdir(), 'gantry-archives-'));
  await writeFile(join(folder, 'root.tar.gz'), gzipSync(TAR));
  await ok('import', '-c', 'CMD ["sh"]', '-m', 'from a tar', join(folder, 'root.tar.gz'), 'me/app:1');
});

afterAll(async () => {
  await engine[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function digest(data: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}

/** Saves images; gives the path of the archive. */
async function save(...names: readonly string[]): Promise<string> {
  const path = join(folder, 'saved.tar');
  await ok('save', '-o', path, ...names);
  return path;
}

async function fileIn(archive: string, name: string): Promise<string> {
  return await runChecked('tar', ['-xOf', archive, name]);
}

describe('save', () => {
  it('writes a docker archive and an OCI layout in one', async () => {
    await ok('tag', 'me/app:1', 'me/app:2');
    const id = await ok('images', '-q', '--no-trunc', 'me/app:1');
    const path = await save('me/app');
    const names = (await runChecked('tar', ['-tf', path])).trim().split('\n');
    const blob = (hash: string): string => hash.replace('sha256:', 'blobs/sha256/');
    expect(JSON.parse(await fileIn(path, 'manifest.json'))).toMatchObject([
      { Config: blob(id), RepoTags: ['me/app:1', 'me/app:2'], Layers: [blob(digest(TAR))] },
    ]);
    const index = JSON.parse(await fileIn(path, 'index.json')) as { manifests: { digest: string }[] };
    expect(index.manifests).toHaveLength(2);
    expect(names).toEqual(
      expect.arrayContaining(['oci-layout', blob(id), blob(digest(TAR)), blob(index.manifests[0]?.digest ?? '')]),
    );
    for (const name of names.filter((each) => /[0-9a-f]{64}$/.test(each))) {
      expect(blob(digest(await fileIn(path, name)))).toBe(name);
    }
    expect(names.filter((name) => name === blob(digest(TAR)))).toHaveLength(1);
    await ok('rmi', 'me/app:2');
  });

  it('says what is missing before it sends anything', async () => {
    const { status, stderr } = await docker('save', '-o', join(folder, 'none.tar'), 'me/app:1', 'nobody:1');
    expect([status, stderr]).toEqual([1, expect.stringContaining('No such image: nobody:1')]);
  });
});

describe('load', () => {
  it('brings back what was saved, names and all', async () => {
    const before = await ok(
      'inspect',
      '--format',
      '{{.Id}} {{.RepoTags}} {{.Config.Cmd}} {{.RootFS.Layers}}',
      'me/app:1',
    );
    const path = await save('me/app:1');
    await ok('rmi', 'me/app:1');
    expect(await ok('load', '-q', '-i', path)).toBe('Loaded image: me/app:1');
    expect(
      await ok('inspect', '--format', '{{.Id}} {{.RepoTags}} {{.Config.Cmd}} {{.RootFS.Layers}}', 'me/app:1'),
    ).toBe(before);
    expect(await ok('history', '--format', '{{.Comment}}', 'me/app:1')).toBe('from a tar');
    const again = join(folder, 'again.tar');
    await ok('save', '-o', again, 'me/app:1');
    expect(digest(await readFile(again))).toBe(digest(await readFile(path)));
  });

  it('names an image without names by its id, and takes a compressed archive', async () => {
    const id = await ok('images', '-q', '--no-trunc', 'me/app:1');
    const path = await save(id);
    await runChecked('gzip', ['-f', path]);
    expect(await ok('load', '-i', `${path}.gz`)).toContain(`Loaded image ID: ${id}`);
  });
});
