// gantry-fs unpack against archives made to break out or to exhaust: each is refused or stays within its folder.
import { mkdir, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FsJob } from '../support/gantry-fs.ts';
import { paxRecords, tarEntry, tarOf, type TarEntry } from '../support/tar.ts';

/** What makes an archive evil, and how it ends: "contained", or the words of the refusal. */
const CORPUS: readonly (readonly [string, readonly TarEntry[], string])[] = [
  ['a path that climbs', [{ name: '../outside/secret', data: 'evil' }], 'path 18'],
  ['a path that climbs behind a name', [{ name: 'a/../../outside/secret', data: 'evil' }], 'path 18'],
  ['a path that climbs at its end', [{ name: 'a/..', type: '5', mode: 0o777 }], 'path 18'],
  ['an absolute path', [{ name: '/outside/secret', data: 'evil' }], 'contained'],
  ['a PAX path that climbs', [{ name: 'x', data: 'evil', pax: { path: '../outside/secret' } }], 'path 18'],
  [
    'a GNU name that climbs',
    [
      { name: 'l', type: 'L', data: '../outside/secret\0' },
      { name: 'x', data: 'e' },
    ],
    'path 18',
  ],
  [
    'a file through a symlink to a folder outside',
    [
      { name: 'l', type: '2', link: '../outside' },
      { name: 'l/secret', data: 'evil' },
    ],
    'mkdir 17',
  ],
  [
    'a file through an absolute symlink',
    [
      { name: 'l', type: '2', link: '/outside' },
      { name: 'outside/', type: '5' },
      { name: 'l/secret', data: 'evil' },
    ],
    'contained',
  ],
  [
    'a file in place of a symlink to a file outside',
    [
      { name: 'l', type: '2', link: '../outside/secret' },
      { name: 'l', data: 'evil' },
    ],
    'contained',
  ],
  [
    'a folder in place of a symlink to a folder outside',
    [
      { name: 'l', type: '2', link: '../outside' },
      { name: 'l/', type: '5', mode: 0 },
      { name: 'l/secret', data: 'e' },
    ],
    'contained',
  ],
  ['a hard link to a file outside', [{ name: 'h', type: '1', link: '../outside/secret' }], 'path 18'],
  [
    'a hard link through a symlink',
    [
      { name: 'l', type: '2', link: '../outside' },
      { name: 'h', type: '1', link: 'l/secret' },
    ],
    'open-folder 2',
  ],
  [
    'a file written through a hard link to a symlink',
    [
      { name: 'l', type: '2', link: '../outside/secret' },
      { name: 'h', type: '1', link: 'l' },
      { name: 'h', data: 'evil' },
    ],
    'contained',
  ],
  [
    'symlinks in a circle',
    [
      { name: 'a', type: '2', link: 'b' },
      { name: 'b', type: '2', link: 'a' },
      { name: 'a/x', data: 'e' },
    ],
    'open-folder 40',
  ],
  ['a hard link to nothing', [{ name: 'h', type: '1', link: 'absent' }], 'link 2'],
  ['the folder itself as a file', [{ name: '.', data: 'evil' }], 'path 22'],
  ['the folder itself as a symlink', [{ name: '.', type: '2', link: '../outside' }], 'path 22'],
  ['no name at all', [{ name: '', data: 'evil' }], 'path 22'],
  ['a whiteout of the parent', [{ name: '.wh...', data: '' }], 'whiteout 22'],
  ['a whiteout of nothing', [{ name: 'a/.wh.', data: '' }], 'whiteout 22'],
  [
    'a whiteout through a symlink',
    [{ name: 'l', type: '2', link: '../outside' }, { name: 'l/.wh.secret' }],
    'mkdir 17',
  ],
  [
    'an opaque marker through a symlink',
    [{ name: 'l', type: '2', link: '../outside' }, { name: 'l/.wh..wh..opq' }],
    'mkdir 17',
  ],
  [
    'a way through /proc',
    [
      { name: 'p', type: '2', link: '/proc/self/root' },
      { name: 'p/x', data: 'e' },
    ],
    'mkdir 17',
  ],
  ['an unknown type', [{ name: 'x', type: 'Z' }], 'type 22'],
  ['a sparse file of GNU', [{ name: 'x', type: 'S' }], 'sparse 95'],
  ['a sparse file of PAX', [{ name: 'x', pax: { 'GNU.sparse.major': '1' } }], 'sparse 95'],
  ['a component that is too long', [{ name: 'x', pax: { path: 'n'.repeat(256) } }], 'path 36'],
  ['a path that is too long', [{ name: 'x', pax: { path: 'ab/'.repeat(2000) } }], 'path 36'],
  ['a PAX header that is too large', [{ name: 'p', type: 'x', size: '00100000001' }], 'header-size 7'],
  ['a GNU name that is too large', [{ name: 'p', type: 'L', size: '77777777777' }], 'header-size 7'],
  ['a PAX record whose length lies', [{ name: 'p', type: 'x', data: '99 path=x\n' }], 'pax 22'],
  ['a PAX record without a length', [{ name: 'p', type: 'x', data: 'path=x\n' }], 'pax 22'],
  ['a PAX record of length zero', [{ name: 'p', type: 'x', data: '0 path=x\n' }], 'pax 22'],
  ['a negative PAX size', [{ name: 'x', pax: { size: '-1' } }], 'pax 22'],
  ['an owner beyond 32 bits', [{ name: 'x', pax: { uid: '4294967296' } }], 'pax 22'],
  ['the owner that means "no change"', [{ name: 'x', pax: { uid: '4294967295' } }], 'pax 22'],
  ['too many attributes', [{ name: 'x', pax: manyAttributes(65) }], 'xattr 7'],
  ['a size that is no number', [{ name: 'x', size: 'notanumber' }], 'number 22'],
  ['more content than there is', [{ name: 'x', data: 'short', size: '00000010000' }], 'truncated 5'],
  ['more content than any disk', [{ name: 'x', pax: { size: '9000000000000000000' } }], 'bytes 27'],
];

function manyAttributes(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_unused, index) => [`SCHILY.xattr.user.a${index}`, 'x']));
}

describe('gantry-fs unpack', () => {
  it.each(CORPUS)('%s', async (_what, entries, end) => {
    await using job = await FsJob.create();
    const before = await job.outsideState();
    const { status, stderr } = await job.unpack(tarOf(...entries));
    if (end === 'contained') expect([status, stderr]).toEqual([0, '']);
    else expect([status, stderr.startsWith(`${end} `) ? end : stderr]).toEqual([1, end]);
    expect(await job.outsideState()).toBe(before);
  });

  it('does not enter a mount or a symlink that was in the folder before', async () => {
    await using job = await FsJob.create();
    await symlink(job.outside, join(job.root, 'out'));
    const before = await job.outsideState();
    await mkdir(join(job.root, 'mnt'));
    expect((await job.unpack(tarOf({ name: 'out/secret', data: 'evil' }))).status).toBe(1);
    const tar = tarOf({ name: 'mnt/secret', data: 'evil' });
    const mounted = await job.withMount(join(job.root, 'mnt'), ['unpack', '--root', job.root], tar);
    expect(mounted.stderr).toMatch(/^open-folder 18 mnt/);
    expect(await job.outsideState()).toBe(before);
  });

  it('stops at the caps on entries and bytes', async () => {
    await using job = await FsJob.create();
    const entries = Array.from({ length: 20 }, (_unused, index) => ({ name: `f${index}`, data: 'x'.repeat(100) }));
    expect((await job.unpack(tarOf(...entries), '--max-entries', '19')).stderr).toBe('entries 7 f19\n');
    expect((await job.unpack(tarOf(...entries), '--max-bytes', '1999')).stderr).toBe('bytes 27 f19\n');
    expect((await job.unpack(tarOf(...entries), '--max-bytes', '2000', '--max-entries', '20')).status).toBe(0);
  });

  it('says where it failed in one line, whatever the name holds', async () => {
    await using job = await FsJob.create();
    const { stderr } = await job.unpack(tarOf({ name: 'a\nb\u001b[31m', type: 'Z' }));
    expect(stderr).toBe('type 22 a?b?[31m\n');
  });

  it('refuses bytes that are no archive', async () => {
    await using job = await FsJob.create();
    expect((await job.unpack(Buffer.alloc(2048, 'x'))).stderr).toMatch(/^checksum 22/);
    expect((await job.unpack(Buffer.alloc(100, 'x'))).stderr).toMatch(/^truncated 5/);
  });

  it('never crashes nor leaves its folder, whatever is changed in an archive', async () => {
    await using job = await FsJob.create();
    const before = await job.outsideState();
    const good = tarOf(
      { name: 'd/', type: '5' },
      { name: 'd/f', data: 'x'.repeat(600), pax: { path: 'd/é', mtime: '1.5', 'SCHILY.xattr.user.a': 'b' } },
      { name: 'l', type: '2', link: '../outside' },
      { name: 'd/h', type: '1', link: 'd/é' },
      { name: '.wh.gone' },
    );
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 8 }), async (changes) => {
        const bad = Buffer.from(good);
        for (const [at, byte] of changes) bad[at] = byte;
        for (let at = 0; at + 512 <= bad.length; at += 512) if (isHeader(good, at)) mendChecksum(bad, at);
        const { status } = await job.unpack(bad, '--max-bytes', '100000');
        expect([0, 1]).toContain(status);
      }),
      { numRuns: 150 },
    );
    expect(await job.outsideState()).toBe(before);
    expect(await readFile(join(job.outside, 'secret'), 'utf8')).toBe('secret\n');
  });

  it('knows the corpus builder: a PAX record counts its own length', () => {
    expect(paxRecords({ path: 'x'.repeat(91) }).toString()).toMatch(/^101 path=/);
    expect(tarEntry({ name: 'a' }).length).toBe(512);
  });
});

function isHeader(tar: Buffer, at: number): boolean {
  return tar.toString('latin1', at + 257, at + 262) === 'ustar';
}

function mendChecksum(tar: Buffer, at: number): void {
  tar.write('        ', at + 148);
  const sum = tar.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
  tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148);
}
