// The images area over a real database, real folders and the real gantry-fs.
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runChecked } from '../../src/base/process.ts';
import { layerTar } from '../../src/engine/images/layer-tar.ts';
import { TestAreas } from '../support/areas.ts';
import { tarOf } from '../support/tar.ts';

const TAR = tarOf({ name: 'etc/', type: '5' }, { name: 'etc/motd', data: 'hello\n' });

/** What lies in the store's folders. */
async function stored(areas: TestAreas): Promise<{ layers: number; blobs: number; work: number }> {
  const count = async (folder: string): Promise<number> => (await readdir(join(areas.data, folder))).length;
  return { layers: await count('layers'), blobs: await count('blobs/sha256'), work: await count('image-work') };
}

function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}

/** Compressed by the host's own program. */
function throughProgram(name: string, bytes: Uint8Array): Buffer {
  return execFileSync(name, ['-c'], { input: bytes });
}

describe('import', () => {
  it('makes a runnable image of a tar, plain or compressed, unpacked once', async () => {
    await using areas = await TestAreas.create();
    const plain = await areas.import(TAR, { tag: 'a', changes: ['CMD ["sh"]', 'ENV X=1'] });
    const { id, config, layers } = areas.images.resolve('a');
    expect([id, config.Cmd, config.Env]).toEqual([plain, ['sh'], ['X=1']]);
    expect(await readFile(join(layers[0] ?? '', 'etc/motd'), 'utf8')).toBe('hello\n');
    await areas.import(gzipSync(TAR), { tag: 'b' });
    await areas.import(zstdCompressSync(TAR), { tag: 'c' });
    await areas.import(throughProgram('xz', TAR), { tag: 'd' });
    await areas.import(throughProgram('bzip2', TAR), { tag: 'e' });
    for (const tag of ['d', 'e']) expect(areas.images.resolve(tag).layers).toEqual(layers);
    expect(areas.images.resolve('b').layers).toEqual(layers);
    expect(areas.images.resolve('c').layers).toEqual(layers);
    expect(await stored(areas)).toEqual({ layers: 1, blobs: 0, work: 0 });
    expect(areas.events.slice(0, 2)).toEqual([`image import ${plain}`, `image tag ${plain}`]);
  });

  it('can make the archive again from the layer and its recipe, and keeps the archive where it could not', async () => {
    await using areas = await TestAreas.create();
    const [plain, twice] = [TAR, tarOf({ name: 'a', data: 'one' }, { name: 'a', data: 'two' })];
    await areas.import(gzipSync(plain), { tag: 'plain' });
    expect(await stored(areas)).toEqual({ layers: 1, blobs: 0, work: 0 });
    await areas.import(gzipSync(twice), { tag: 'twice' });
    expect(await readdir(join(areas.data, 'blobs/sha256'))).toEqual([sha256(gzipSync(twice))]);
    for (const tar of [plain, twice]) {
      const layer = areas.store.records.layers().find(({ diffId }) => diffId === `sha256:${sha256(tar)}`);
      if (layer === undefined) throw new Error('a layer is missing');
      expect(layer.tarSize).toBe(tar.length);
      expect(await buffer(layerTar(areas.store, layer, { signal: new AbortController().signal }))).toEqual(tar);
    }
    await areas.images.remove('twice', { force: false });
    await areas.images.remove('plain', { force: false });
    expect(await stored(areas)).toEqual({ layers: 0, blobs: 0, work: 0 });
  });

  it('keeps layers where only root can look', async () => {
    await using areas = await TestAreas.create();
    await areas.import(TAR);
    for (const folder of ['layers', 'blobs/sha256', 'image-work']) {
      expect((await stat(join(areas.data, folder))).mode & 0o077).toBe(0);
    }
  });

  it.each([
    ['no archive', Buffer.alloc(2048, 'x'), 'this is no tar archive'],
    ['a cut archive', TAR.subarray(0, 700), 'ends too early'],
    ['a cut gzip', gzipSync(TAR).subarray(0, 60), 'cannot decompress the archive'],
    ['a cut zstd', zstdCompressSync(TAR).subarray(0, 60), 'cannot decompress the archive'],
    ['a cut xz', Buffer.from('fd377a585a000004', 'hex'), 'xz says that it is damaged'],
    ['a cut bzip2', Buffer.from('BZh91AY'), 'bzip2 says that it is damaged'],
    ['an entry that climbs', tarOf({ name: '../x', data: 'evil' }), 'leads out of the image'],
  ])('refuses %s and leaves nothing', async (_what, tar, message) => {
    await using areas = await TestAreas.create();
    await expect(areas.import(tar, { tag: 'x' })).rejects.toThrow(message);
    expect(await stored(areas)).toEqual({ layers: 0, blobs: 0, work: 0 });
    expect(areas.images.list(new Map(), { noneTags: false })).toEqual([]);
  });

  it('leaves nothing when it is aborted', async () => {
    await using areas = await TestAreas.create();
    const controller = new AbortController();
    function* endless(): Generator<Buffer> {
      yield TAR.subarray(0, 512);
      controller.abort();
      for (;;) yield Buffer.alloc(65536);
    }
    await expect(areas.import(Readable.from(endless()), { signal: controller.signal })).rejects.toThrow();
    expect(await stored(areas)).toEqual({ layers: 0, blobs: 0, work: 0 });
  });

  it('refuses an archive that grows without end, with little memory', async () => {
    await using areas = await TestAreas.create();
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const members = Array.from({ length: 24 }, () => bomb);
    const zeros = tarOf({ name: 'zeros', size: '77777777777' }).subarray(0, 512);
    await expect(areas.import(Buffer.concat([gzipSync(zeros), ...members]))).rejects.toThrow('grows too much');
    expect(await stored(areas)).toEqual({ layers: 0, blobs: 0, work: 0 });
  });

  it('unpacks one archive once when it comes several times at once', async () => {
    await using areas = await TestAreas.create();
    const ids = await Promise.all(['a', 'b', 'c', 'd'].map(async (tag) => await areas.import(gzipSync(TAR), { tag })));
    expect(new Set(['a', 'b', 'c', 'd'].map((tag) => areas.images.resolve(tag).layers[0])).size).toBe(1);
    expect(ids).toHaveLength(4);
    expect(await stored(areas)).toEqual({ layers: 1, blobs: 0, work: 0 });
  });
});

describe('names', () => {
  it('finds an image by reference, id, short id, and says what is missing', async () => {
    await using areas = await TestAreas.create();
    const id = await areas.import(TAR, { tag: 'me/app:1' });
    for (const name of [
      'me/app:1',
      'docker.io/me/app:1',
      id,
      id.slice(7),
      id.slice(7, 19),
      `sha256:${id.slice(7, 19)}`,
    ]) {
      expect(areas.images.resolve(name).id).toBe(id);
    }
    expect(() => areas.images.resolve('me/app')).toThrow('No such image: me/app:latest');
    expect(() => areas.images.resolve(`sha256:${'0'.repeat(64)}`)).toThrow(`No such image: sha256:${'0'.repeat(64)}`);
    expect(() => areas.images.resolve('../x')).toThrow('invalid reference format');
  });

  it('moves a tag to the newer image and lists the older as dangling', async () => {
    await using areas = await TestAreas.create();
    const first = await areas.import(TAR, { tag: 'app', changes: ['LABEL n=1'] });
    const second = await areas.import(TAR, { tag: 'app', changes: ['LABEL n=2'] });
    expect(areas.images.resolve('app').id).toBe(second);
    const ids = (filters: [string, string[]][]): string[] =>
      areas.images.list(new Map(filters), { noneTags: true }).map(({ Id }) => Id);
    expect(ids([['dangling', ['true']]])).toEqual([first]);
    expect(ids([['dangling', ['false']]])).toEqual([second]);
    expect(ids([['label', ['n=1']]])).toEqual([first]);
    expect(ids([['reference', ['a*']]])).toEqual([second]);
    expect(ids([['reference', ['app:lat?st']]])).toEqual([second]);
    expect(ids([['reference', ['*/*']]])).toEqual([]);
    expect(areas.images.list(new Map([['label', ['n=1']]]), { noneTags: true })[0]?.RepoTags).toEqual([
      '<none>:<none>',
    ]);
  });

  it('inspects and tells the history as clients read them', async () => {
    await using areas = await TestAreas.create();
    const id = await areas.import(TAR, { tag: 'app:1', changes: ['EXPOSE 80'] });
    areas.images.tag('app:1', 'localhost:5000/other', 'v2');
    const found = areas.images.inspect('app:1');
    expect(found).toMatchObject({
      Id: id,
      RepoTags: ['app:1', 'localhost:5000/other:v2'],
      Os: 'linux',
      Size: 6,
      Config: { ExposedPorts: { '80/tcp': {} }, Cmd: null, Labels: null },
    });
    expect(found.RootFS.Layers).toHaveLength(1);
    expect(areas.images.history('app:1')).toMatchObject([{ Id: id, Size: 6, Tags: found.RepoTags }]);
  });
});

describe('remove', () => {
  it('untags first, and removes image, layer and blob with the last name', async () => {
    await using areas = await TestAreas.create();
    const id = await areas.import(TAR, { tag: 'a:1' });
    areas.images.tag('a:1', 'b', '');
    expect(await areas.images.remove('a:1', { force: false })).toEqual([{ Untagged: 'a:1' }]);
    const chain = areas.images.inspect(id).RootFS.Layers[0];
    expect(await areas.images.remove('b', { force: false })).toEqual([
      { Untagged: 'b:latest' },
      { Deleted: id },
      { Deleted: chain },
    ]);
    expect(await stored(areas)).toEqual({ layers: 0, blobs: 0, work: 0 });
  });

  it('keeps a layer that another image stands on', async () => {
    await using areas = await TestAreas.create();
    await areas.import(TAR, { tag: 'a', changes: ['LABEL x=1'] });
    await areas.import(TAR, { tag: 'b', changes: ['LABEL x=2'] });
    expect(await areas.images.remove('a', { force: false })).toHaveLength(2);
    expect(await stored(areas)).toEqual({ layers: 1, blobs: 0, work: 0 });
    expect(await readFile(join(areas.images.resolve('b').layers[0] ?? '', 'etc/motd'), 'utf8')).toBe('hello\n');
  });

  it('refuses with the texts of docker while containers use the image', async () => {
    await using areas = await TestAreas.create();
    const id = await areas.import(TAR, { tag: 'a' });
    const short = id.slice(7, 19);
    areas.users.set(id, [{ id: 'c'.repeat(64), running: false }]);
    await expect(areas.images.remove('a', { force: false })).rejects.toThrow(
      `conflict: unable to remove repository reference "a" (must force) - container cccccccccccc is using its referenced image ${short}`,
    );
    await expect(areas.images.remove(id, { force: false })).rejects.toThrow(
      `conflict: unable to delete ${short} (must be forced) - image is being used by stopped container cccccccccccc`,
    );
    areas.users.set(id, [{ id: 'd'.repeat(64), running: true }]);
    await expect(areas.images.remove(id, { force: true })).rejects.toThrow(
      `conflict: unable to delete ${short} (cannot be forced) - image is being used by running container dddddddddddd`,
    );
    areas.images.tag('a', 'other/b', '');
    areas.users.clear();
    await expect(areas.images.remove(id, { force: false })).rejects.toThrow(
      `conflict: unable to delete ${short} (must be forced) - image is referenced in multiple repositories`,
    );
    expect(await areas.images.remove(id, { force: true })).toHaveLength(4);
  });

  it('keeps the layers of a removed image until its last container has gone', async () => {
    await using areas = await TestAreas.create();
    const id = await areas.import(TAR, { tag: 'a' });
    areas.users.set(id, [{ id: 'c'.repeat(64), running: false }]);
    expect(await areas.images.remove('a', { force: true })).toEqual([{ Untagged: 'a:latest' }, { Deleted: id }]);
    expect(areas.images.list(new Map(), { noneTags: false })).toEqual([]);
    expect(await readFile(join(areas.images.resolve(id).layers[0] ?? '', 'etc/motd'), 'utf8')).toBe('hello\n');
    areas.users.clear();
    await areas.reopen();
    await expect.poll(async () => await stored(areas)).toEqual({ layers: 0, blobs: 0, work: 0 });
  });

  it('prunes dangling images, or all unused ones', async () => {
    await using areas = await TestAreas.create();
    const old = await areas.import(TAR, { tag: 'a', changes: ['LABEL n=1'] });
    await areas.import(TAR, { tag: 'a', changes: ['LABEL n=2'] });
    expect(await areas.images.prune(new Map())).toEqual({ ImagesDeleted: [{ Deleted: old }], SpaceReclaimed: 0 });
    expect(await areas.images.prune(new Map())).toEqual({ ImagesDeleted: null, SpaceReclaimed: 0 });
    const all = await areas.images.prune(new Map([['dangling', ['false']]]));
    expect([all.ImagesDeleted?.length, all.SpaceReclaimed]).toEqual([3, 6]);
    expect(await stored(areas)).toEqual({ layers: 0, blobs: 0, work: 0 });
  });
});

describe('after a crash', () => {
  it('sweeps what has no row, and keeps what has one', async () => {
    await using areas = await TestAreas.create();
    await areas.import(TAR, { tag: 'a' });
    await mkdir(join(areas.data, 'layers', 'f'.repeat(64), 'diff/x'), { recursive: true });
    await writeFile(join(areas.data, 'blobs/sha256', 'e'.repeat(64)), 'x');
    await mkdir(join(areas.data, 'image-work', 'half/diff'), { recursive: true });
    await areas.reopen();
    await expect.poll(async () => await stored(areas)).toEqual({ layers: 1, blobs: 0, work: 0 });
    expect(await readFile(join(areas.images.resolve('a').layers[0] ?? '', 'etc/motd'), 'utf8')).toBe('hello\n');
  });
});

describe('on a small disk', () => {
  it.each([
    ['while the archive arrives', 40 * 1024 * 1024],
    ['while it is unpacked', 12 * 1024 * 1024],
  ])('refuses an image that does not fit, %s, and leaves nothing', async (_when, size) => {
    await using disk = await smallDisk();
    await using areas = await TestAreas.create(disk.folder);
    const random = tarOf({ name: 'data', data: randomBytes(size) });
    await expect(areas.import(random)).rejects.toThrow(/does not fit on this disk|would not fit on this disk/);
    expect(await stored(areas)).toEqual({ layers: 0, blobs: 0, work: 0 });
    await areas.import(TAR, { tag: 'small' });
    expect(areas.images.resolve('small').layers).toHaveLength(1);
  });
});

/** 24 MiB, of which the database takes a few. */
async function smallDisk(): Promise<{ readonly folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'gantry-disk-'));
  await runChecked('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder]);
  return {
    folder,
    [Symbol.asyncDispose]: async () => {
      await runChecked('umount', [folder]);
      await rm(folder, { recursive: true });
    },
  };
}
