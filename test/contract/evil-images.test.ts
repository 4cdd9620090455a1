// Archives of images made to break out, to exhaust or to lie: each is refused with words, and nothing of it stays.
import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { loadImages } from '../../src/engine/images/load/load.ts';
import { TestAreas } from '../support/areas.ts';
import { tarOf, type TarEntry } from '../support/tar.ts';

const LAYER = tarOf({ name: 'etc/', type: '5' }, { name: 'etc/motd', data: 'hello\n' });
const EVIL_LAYER = tarOf({ name: '../../outside', data: 'evil' });
const GIB_OF_ZEROS = gzipSync(Buffer.alloc(64 * 1024 * 1024));

const hexOf = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');
const digestOf = (data: string | Uint8Array): string => `sha256:${hexOf(data)}`;

function configOf(more: object = {}, ...layers: readonly Uint8Array[]): string {
  const diffIds = (layers.length === 0 ? [LAYER] : layers).map(digestOf);
  return JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: diffIds }, ...more });
}

const manifest = (item: object): TarEntry => ({ name: 'manifest.json', data: JSON.stringify([item]) });
const good = { Config: 'c.json', RepoTags: ['evil:1'], Layers: ['l.tar'] };

/** A docker archive with changes: entries of the same name replace the usual ones. */
function archive(...changed: readonly TarEntry[]): Buffer {
  const usual: TarEntry[] = [{ name: 'c.json', data: configOf() }, { name: 'l.tar', data: LAYER }, manifest(good)];
  return tarOf(...usual.filter(({ name }) => !changed.some((other) => other.name === name)), ...changed);
}

const blob = (data: string | Uint8Array): TarEntry => ({ name: `blobs/sha256/${hexOf(data)}`, data });

/** An OCI layout whose index has one descriptor. */
function layout(descriptor: object, ...blobs: readonly TarEntry[]): Buffer {
  return tarOf({ name: 'index.json', data: JSON.stringify({ schemaVersion: 2, manifests: [descriptor] }) }, ...blobs);
}

/** An OCI layout that leads to an image through indexes. */
function nested(levels: number): Buffer {
  let inner = JSON.stringify({ config: { digest: digestOf(configOf()) }, layers: [{ digest: digestOf(LAYER) }] });
  const blobs = [blob(inner), blob(configOf()), blob(LAYER)];
  for (let level = 0; level < levels; level += 1) {
    const platform = { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch };
    inner = JSON.stringify({ manifests: [{ digest: digestOf(inner), platform }] });
    blobs.push(blob(inner));
  }
  return layout({ digest: digestOf(inner) }, ...blobs);
}

const legacy = (id: string, parent: string): Buffer =>
  tarOf(
    { name: 'repositories', data: JSON.stringify({ evil: { '1': id } }) },
    { name: `${id}/json`, data: JSON.stringify({ id, parent }) },
    { name: `${id}/layer.tar`, data: LAYER },
  );

const config = (more: object): Buffer => archive({ name: 'c.json', data: configOf(more) });
const link = (type: string, to: string): Buffer => archive({ name: 'l.tar', type, link: to });
const rootfs = (diffIds: unknown): object => ({ rootfs: { type: 'layers', diff_ids: diffIds } });
const A = 'a'.repeat(64);

function flipped(bytes: Buffer, at: number): Buffer {
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

/** What is wrong, the archive, and the words of the refusal. */
const CORPUS: readonly (readonly [string, Buffer, string])[] = [
  ['nothing in it', tarOf(), 'this is no archive of images'],
  ['no manifest', tarOf({ name: 'etc/passwd', data: 'x' }), 'this is no archive of images'],
  ['a manifest that is no JSON', archive({ name: 'manifest.json', data: '[{' }), 'invalid manifest.json: not JSON'],
  ['a manifest that is no list', archive({ name: 'manifest.json', data: '{}' }), 'manifest.json'],
  ['a manifest of wrong types', archive(manifest({ Config: 7 })), 'manifest.json[0].Config'],
  [
    'a manifest beyond its cap',
    archive({ name: 'manifest.json', data: Buffer.alloc(4 * 1024 * 1024 + 1) }),
    'larger than 4194304',
  ],
  [
    'a configuration that climbs',
    archive(manifest({ ...good, Config: '../../etc/passwd' })),
    'has no file ../../etc/passwd',
  ],
  ['a layer with an absolute path', archive(manifest({ ...good, Layers: ['/etc/passwd'] })), 'has no file /etc/passwd'],
  ['a layer that is an absolute symlink', link('2', '/etc/passwd'), 'has no file l.tar'],
  ['a layer that is a climbing symlink', link('2', '../../../../../../etc/passwd'), 'has no file l.tar'],
  ['a layer that is a hard link to the host', link('1', '/etc/passwd'), 'has no file l.tar'],
  ['a layer that is a symlink to itself', link('2', 'l.tar'), 'has no file l.tar'],
  ['a layer that is a device', archive({ name: 'l.tar', type: '4', major: 8 }), 'has no file l.tar'],
  ['a tag that climbs', archive(manifest({ ...good, RepoTags: ['../../x:1'] })), 'invalid reference format'],
  ['a tag of capitals', archive(manifest({ ...good, RepoTags: ['UPPER:1'] })), 'must be lowercase'],
  ['a tag that is a digest', archive(manifest({ ...good, RepoTags: [`x@sha256:${A}`] })), 'invalid tag'],
  ['fewer layers than it says', archive(manifest({ ...good, Layers: [] })), 'expected 1, got 0'],
  [
    'another layer than it says',
    archive({ name: 'l.tar', data: tarOf({ name: 'x' }) }),
    'a layer is not what its image says',
  ],
  [
    'another layer than it says, packed',
    archive({ name: 'l.tar', data: gzipSync(tarOf({ name: 'x' })) }),
    'not what its image says',
  ],
  [
    'a configuration that is not its digest',
    archive(manifest({ ...good, Config: `blobs/sha256/${A}` }), { name: `blobs/sha256/${A}`, data: configOf() }),
    'is damaged',
  ],
  [
    'a layer that climbs',
    archive({ name: 'l.tar', data: EVIL_LAYER }, { name: 'c.json', data: configOf({}, EVIL_LAYER) }),
    'leads out',
  ],
  [
    'a configuration beyond its cap',
    archive({ name: 'c.json', data: Buffer.alloc(8 * 1024 * 1024 + 1, ' ') }),
    'c.json is larger',
  ],
  ['a configuration without layers', archive({ name: 'c.json', data: '{}' }), 'invalid image configuration'],
  ['diff ids that climb', config(rootfs(['sha256:../../x'])), 'invalid image configuration'],
  ['diff ids of no list', config(rootfs('x')), 'invalid image configuration'],
  ['too many layers', config(rootfs(Array.from({ length: 128 }, () => digestOf(LAYER)))), 'max depth exceeded'],
  ['more history than layers', config({ history: [{}, {}] }), 'too many non-empty layers'],
  ['an environment of a number', config({ config: { Env: 5 } }), 'config.Env'],
  ['a variable with a NUL', config({ config: { Env: ['A=\0'] } }), 'without NUL'],
  ['a command of objects', config({ config: { Cmd: [{}] } }), 'config.Cmd'],
  ['a check every 1e300 s', config({ config: { Healthcheck: { Interval: 1e300 } } }), 'config.Healthcheck.Interval'],
  ['labels of lists', config({ config: { Labels: { a: [] } } }), 'config.Labels.a'],
  ['an OCI digest that climbs', layout({ digest: 'sha256:../../../etc/passwd' }), 'is no digest'],
  ['an OCI digest of another kind', layout({ digest: `md5:${A}` }), 'is no digest'],
  ['an OCI blob that is missing', layout({ digest: `sha256:${A}` }), 'has no file blobs/sha256/aaaa'],
  ['an OCI blob that lies', layout({ digest: `sha256:${A}` }, { name: `blobs/sha256/${A}`, data: '{}' }), 'is damaged'],
  ['OCI indexes without end', nested(6), 'nested too deep'],
  ['an old layer that is its own parent', legacy(A, A), 'max depth exceeded'],
  ['an old layer that climbs', legacy('../../x', ''), 'is no id of a layer'],
  ['an end in between', archive().subarray(0, 700), 'ends too early'],
  ['bytes of no tar', Buffer.alloc(2048, 'x'), 'this is no tar archive'],
  ['a header that is not its checksum', flipped(archive(), 105), 'this is no tar archive'],
  ['a PAX header of 16 MiB', tarOf({ name: 'p', type: 'x', size: '00100000000' }), 'larger than 1 MiB'],
  ['a GNU name of 8 GiB', tarOf({ name: 'p', type: 'L', size: '77777777777' }), 'larger than 1 MiB'],
  ['a PAX record whose length lies', tarOf({ name: 'p', type: 'x', data: '99 path=x\n' }), 'a PAX record is malformed'],
  ['a PAX size of no number', tarOf({ name: 'x', pax: { size: '-1' } }), 'no valid one'],
  ['a name without end', tarOf({ name: 'x', pax: { path: 'n'.repeat(5000) } }), 'too long'],
  ['a sparse file', tarOf({ name: 'x', pax: { 'GNU.sparse.major': '1' } }), 'sparse files are not supported'],
  ['an unknown type', tarOf({ name: 'x', type: 'Z' }), 'unknown type'],
  ['a cut gzip', gzipSync(archive()).subarray(0, 200), 'it is damaged'],
];

async function load(areas: TestAreas, bytes: Uint8Array | Iterable<Uint8Array>): Promise<string[]> {
  const said: string[] = [];
  const body = Readable.from(bytes instanceof Uint8Array ? [bytes] : bytes);
  const request = { body, platform: undefined, say: (line: string) => said.push(line), progress: () => undefined };
  await loadImages(areas.store, request, { signal: new AbortController().signal });
  return said;
}

/** Everything the store keeps: rows, folders, pins. */
async function kept(areas: TestAreas): Promise<unknown[]> {
  const folders = ['layers', 'blobs/sha256', 'image-work'];
  const names = await Promise.all(folders.map(async (folder) => readdir(join(areas.data, folder))));
  return [...names.flat(), ...areas.store.records.images(), ...(areas.store.pins.isAny() ? ['a pin'] : [])];
}

describe('an archive of images', () => {
  it.each(CORPUS)('with %s is refused', async (_what, bytes, message) => {
    await using areas = await TestAreas.create();
    const before = await readdir(areas.data);
    await expect(load(areas, bytes)).rejects.toThrow(message);
    expect(await kept(areas)).toEqual([]);
    expect(await readdir(areas.data)).toEqual(before);
  });

  it('with more entries than any image has is refused', async () => {
    await using areas = await TestAreas.create();
    const entries = tarOf(...Array.from({ length: 1000 }, () => ({ name: 'd/', type: '5' }))).subarray(0, 512_000);
    await expect(
      load(
        areas,
        Array.from({ length: 101 }, () => entries),
      ),
    ).rejects.toThrow('more than 100000 entries');
    expect(await kept(areas)).toEqual([]);
  });

  it('that grows without end is refused before it fills the disk', async () => {
    await using areas = await TestAreas.create();
    const head = gzipSync(tarOf({ name: 'zeros', size: '77777777777' }).subarray(0, 512));
    await expect(load(areas, [head, ...Array.from({ length: 24 }, () => GIB_OF_ZEROS)])).rejects.toThrow(
      'grows too much',
    );
    expect(await kept(areas)).toEqual([]);
  });

  it('with doubled entries has the last of each, as when it is unpacked', async () => {
    await using areas = await TestAreas.create();
    const said = await load(areas, tarOf({ name: 'manifest.json', data: 'evil' }, ...entriesOf(good)));
    expect(said).toEqual(['Loaded image: evil:1']);
  });

  it('keeps the images that stood before a bad one, each of them whole', async () => {
    await using areas = await TestAreas.create();
    const bad = { Config: 'd.json', RepoTags: ['evil:2'], Layers: ['l.tar', 'o.tar'] };
    const both = archive(
      { name: 'd.json', data: configOf({}, LAYER, LAYER) },
      { name: 'o.tar', data: tarOf({ name: 'x' }) },
      { name: 'manifest.json', data: JSON.stringify([good, bad]) },
    );
    await expect(load(areas, both)).rejects.toThrow('not what its image says');
    expect(areas.images.list(new Map(), { noneTags: false }).map(({ RepoTags }) => RepoTags)).toEqual([['evil:1']]);
  });

  it('takes the forms that Docker wrote over time', async () => {
    await using areas = await TestAreas.create();
    expect(await load(areas, archive())).toEqual(['Loaded image: evil:1']);
    const id = areas.images.resolve('evil:1').id;
    // layers as links into other folders, as Docker 1.10 to 24 wrote doubled ones
    const doubled = configOf({}, LAYER, LAYER);
    const linked = archive(
      { name: 'c.json', data: doubled },
      { name: 'b/layer.tar', type: '2', link: '../l.tar' },
      manifest({ ...good, RepoTags: null, Layers: ['l.tar', 'b/layer.tar'] }),
    );
    expect(await load(areas, linked)).toEqual([`Loaded image ID: ${digestOf(doubled)}`]);
    expect(await load(areas, nested(2))).toEqual([`Loaded image ID: ${id}`]);
    expect((await load(areas, gzipSync(legacy(A, '')))).at(-1)).toBe('Loaded image: evil:1');
    expect(areas.images.resolve('evil:1').layers).toEqual(areas.images.resolve(id).layers);
    expect(areas.store.pins.isAny()).toBe(false);
  });

  it('says when a name goes from one image to another', async () => {
    await using areas = await TestAreas.create();
    await load(areas, archive());
    const before = areas.images.resolve('evil:1').id;
    expect(await load(areas, config({ comment: 'other' }))).toEqual([
      `The image evil:1 already exists, renaming the old one with ID ${before} to empty string`,
      'Loaded image: evil:1',
    ]);
    expect(areas.images.inspect(before).RepoTags).toEqual([]);
  });
});

function entriesOf(item: object): TarEntry[] {
  return [{ name: 'c.json', data: configOf() }, { name: './l.tar', data: LAYER }, manifest(item)];
}
