// gantry-fs unpack: every kind of entry arrives as it was packed, and later entries win.
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runChecked } from '../../src/base/process.ts';
import { FsJob } from '../support/gantry-fs.ts';
import { tarEntry, tarOf } from '../support/tar.ts';

describe('gantry-fs unpack', () => {
  it('keeps content, owner, mode with setuid, and time', async () => {
    await using job = await FsJob.create();
    const out = await job.unpacked(
      tarOf(
        { name: './', type: '5', mode: 0o750, uid: 7, mtime: 1_000 },
        { name: './bin/', type: '5', mode: 0o1777, mtime: 1_500_000_000 },
        { name: 'bin/su', data: 'x'.repeat(1000), mode: 0o4755, uid: 12, gid: 34, mtime: 1_600_000_000 },
      ),
    );
    expect(out).toBe('entries=3 bytes=1000 recipe=0\n');
    const su = await lstat(join(job.root, 'bin/su'));
    expect([su.mode & 0o7777, su.uid, su.gid, su.mtimeMs, su.size]).toEqual([0o4755, 12, 34, 1_600_000_000_000, 1000]);
    const bin = await lstat(join(job.root, 'bin'));
    expect([bin.mode & 0o7777, bin.mtimeMs]).toEqual([0o1777, 1_500_000_000_000]);
    const root = await lstat(job.root);
    expect([root.mode & 0o7777, root.uid, root.mtimeMs]).toEqual([0o750, 7, 1_000_000]);
  });

  it('makes links, devices and fifos, owned as packed', async () => {
    await using job = await FsJob.create();
    await job.unpacked(
      tarOf(
        { name: 'a', data: 'hello' },
        { name: 'hard', type: '1', link: './a' },
        { name: 'soft', type: '2', link: '../../outside/secret', uid: 5 },
        { name: 'null', type: '3', major: 1, minor: 3, mode: 0o666 },
        { name: 'pipe', type: '6', mode: 0o622 },
      ),
    );
    const [a, hard] = await Promise.all(['a', 'hard'].map(async (name) => await lstat(join(job.root, name))));
    expect([hard?.ino, hard?.nlink]).toEqual([a?.ino, 2]);
    expect(await readlink(join(job.root, 'soft'))).toBe('../../outside/secret');
    expect((await lstat(join(job.root, 'soft'))).uid).toBe(5);
    const device = await lstat(join(job.root, 'null'));
    expect([device.isCharacterDevice(), device.rdev, device.mode & 0o777]).toEqual([true, 0x103, 0o666]);
    expect((await lstat(join(job.root, 'pipe'))).isFIFO()).toBe(true);
    expect(await job.outsideState()).toContain('secret');
  });

  it('reads long names of PAX and GNU, and PAX owners, sizes and times', async () => {
    await using job = await FsJob.create();
    const long = `${'d'.repeat(200)}/${'f'.repeat(250)}`;
    await job.unpacked(
      tarOf(
        { name: 'cut', data: 'pax', pax: { path: long, uid: '4000000', mtime: '1234567890.5', size: '3' } },
        { name: '././@LongLink', type: 'L', data: `gnu/${'g'.repeat(150)}\0` },
        { name: 'cut', data: 'gnu' },
      ),
    );
    expect(await readFile(join(job.root, long), 'utf8')).toBe('pax');
    const { uid, mtimeMs } = await lstat(join(job.root, long));
    expect([uid, mtimeMs]).toEqual([4_000_000, 1_234_567_890_500]);
    expect(await readFile(join(job.root, 'gnu', 'g'.repeat(150)), 'utf8')).toBe('gnu');
  });

  it('unpacks what GNU tar packs in each of its formats', async () => {
    for (const format of ['ustar', 'gnu', 'pax', 'v7']) {
      await using job = await FsJob.create();
      const tar = join(job.folder, 'x.tar');
      await runChecked('tar', [
        `--format=${format}`,
        '-C',
        join(import.meta.dirname, '..'),
        '-cf',
        tar,
        'native',
        'support',
      ]);
      await job.unpacked(await readFile(tar));
      for (const part of ['native', 'support']) {
        await runChecked('diff', ['-r', join(import.meta.dirname, '..', part), join(job.root, part)]);
      }
    }
  });

  it('sets file capabilities and user attributes, and drops what overlayfs would obey', async () => {
    await using job = await FsJob.create();
    const capability = '\u0001\0\0\u0002\0\u0004\0\0\0\0\0\0\0\0\0\0\0\0\0\0';
    await job.unpacked(
      tarOf({
        name: 'ping',
        data: 'x',
        uid: 3,
        pax: {
          'SCHILY.xattr.security.capability': capability,
          'SCHILY.xattr.user.note': 'kept',
          'SCHILY.xattr.trusted.overlay.redirect': '/etc',
          'SCHILY.xattr.trusted.overlay.metacopy': '',
          'SCHILY.xattr.user.overlay.redirect': '/etc',
        },
      }),
    );
    const names = await xattrs(join(job.root, 'ping'));
    expect(names).toEqual(['security.capability', 'user.note']);
  });

  it('turns whiteouts into the form of overlayfs', async () => {
    await using job = await FsJob.create();
    await job.unpacked(
      tarOf(
        { name: 'etc/', type: '5' },
        { name: 'etc/.wh.passwd' },
        { name: 'etc/.wh..wh.plnk' },
        { name: 'opt/', type: '5' },
        { name: 'opt/.wh..wh..opq' },
        { name: 'opt/new', data: 'x' },
      ),
    );
    const gone = await lstat(join(job.root, 'etc/passwd'));
    expect([gone.isCharacterDevice(), gone.rdev]).toEqual([true, 0]);
    expect(await xattrs(join(job.root, 'opt'))).toEqual(['trusted.overlay.opaque']);
    expect((await readdir(job.root, { recursive: true })).filter((name) => name.includes('.wh.'))).toEqual([]);
  });

  it('lets a folder that comes after a whiteout of its name hide what lies below, in either order', async () => {
    await using job = await FsJob.create();
    await job.unpacked(
      tarOf(
        { name: '.wh.first' },
        { name: 'first/', type: '5' },
        { name: 'second/', type: '5' },
        { name: 'second/kept', data: 'x' },
        { name: '.wh.second' },
        { name: 'third', data: 'stays' },
        { name: '.wh.third' },
      ),
    );
    expect(await xattrs(join(job.root, 'first'))).toEqual(['trusted.overlay.opaque']);
    expect(await xattrs(join(job.root, 'second'))).toEqual(['trusted.overlay.opaque']);
    expect(await readdir(join(job.root, 'second'))).toEqual(['kept']);
    expect(await readFile(join(job.root, 'third'), 'utf8')).toBe('stays');
  });

  it('lets the last entry of a name win, whatever was there', async () => {
    await using job = await FsJob.create();
    await job.unpacked(
      tarOf(
        { name: 'a', data: 'one' },
        { name: 'keep', type: '1', link: 'a' },
        { name: 'a', data: 'two' },
        { name: 'dir/sub/file', data: 'x' },
        { name: 'dir', type: '2', link: 'other' },
        { name: 'other/', type: '5' },
        { name: 'dir/through', data: 'in other' },
        { name: 'self', data: 'me' },
        { name: './self', type: '1', link: '/self' },
      ),
    );
    const read = async (name: string): Promise<string> => await readFile(join(job.root, name), 'utf8');
    expect([await read('a'), await read('keep'), await read('other/through'), await read('self')]).toEqual([
      'two',
      'one',
      'in other',
      'me',
    ]);
  });

  it('reads to the end of what it is given, and accepts a missing end', async () => {
    await using job = await FsJob.create();
    const padded = Buffer.concat([tarOf({ name: 'a', data: 'x' }), Buffer.alloc(1024 * 1024, 1)]);
    expect(await job.unpacked(padded)).toBe('entries=1 bytes=1 recipe=0\n');
    expect(await job.unpacked(tarEntry({ name: 'b', data: 'y' }))).toBe('entries=1 bytes=1 recipe=0\n');
    expect(await job.unpacked(Buffer.alloc(0))).toBe('entries=0 bytes=0 recipe=0\n');
  });
});

async function xattrs(path: string): Promise<string[]> {
  const script = 'import os,sys; print("\\n".join(sorted(os.listxattr(sys.argv[1], follow_symlinks=False))))';
  return (await runChecked('python3', ['-c', script, path])).trim().split('\n');
}
