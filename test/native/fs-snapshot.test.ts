// gantry-fs snapshot: an overlay's upper folder becomes a layer archive that unpacks to the same tree.
import { lutimes, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runChecked } from '../../src/base/process.ts';
import { FsJob } from '../support/gantry-fs.ts';
import { tarOf } from '../support/tar.ts';

const LONG = 'd'.repeat(120);

/** Extended attributes come in by an archive; whatever else a container may make, by hand. */
async function fillUpper(job: FsJob): Promise<string> {
  const upper = join(job.folder, 'upper');
  await mkdir(upper);
  const pax = { 'SCHILY.xattr.user.note': 'hello', 'SCHILY.xattr.user.a': 'b' };
  const noted = tarOf({ name: 'noted', data: 'x', pax }, { name: 'opaque/.wh..wh..opq' });
  await writeFile(join(job.folder, 'noted.tar'), noted);
  await runChecked('sh', [
    '-c',
    'exec "$0" unpack --root "$1" <"$2"',
    job.binary,
    upper,
    join(job.folder, 'noted.tar'),
  ]);
  await mkdir(join(upper, 'etc', LONG), { recursive: true });
  await writeFile(join(upper, 'etc', LONG, 'file'), 'long'.repeat(100_000));
  await writeFile(join(upper, 'etc/b'), 'b');
  await symlink('/outside', join(upper, 'etc/a'));
  await lutimes(join(upper, 'etc/a'), 12, 12);
  const script =
    'cd "$0" && mknod -m 0 gone c 0 0 && mknod fifo p && ln etc/b z && chown 70000:3000000 etc/b && chmod 4755 z';
  await runChecked('sh', ['-c', `${script} && mknod opaque/null c 1 3`, upper]);
  return upper;
}

async function describeTree(root: string): Promise<string> {
  const list = await runChecked('find', [root, '-mindepth', '1', '-printf', '%P %y %m %U %G %n %s %Ts %l\n']);
  return list.split('\n').sort().join('\n');
}

describe('gantry-fs snapshot', () => {
  it('unpacks to the same tree, whiteouts and hard links included', async () => {
    await using job = await FsJob.create();
    const upper = await fillUpper(job);
    const tar = join(job.folder, 'layer.tar');
    await job.runTo(tar, 'snapshot', '--root', upper, '--recipe', join(job.folder, 'recipe'));
    const names = (await runChecked('tar', ['-tf', tar])).trim().split('\n');
    expect(names).toEqual([
      'etc/',
      'etc/a',
      'etc/b',
      `etc/${LONG}/`,
      `etc/${LONG}/file`,
      'fifo',
      '.wh.gone',
      'noted',
      'opaque/',
      'opaque/.wh..wh..opq',
      'opaque/null',
      'z',
    ]);
    await job.unpacked(await readFile(tar));
    expect(await describeTree(job.root)).toBe(await describeTree(upper));
    // attributes too: the copy makes the same archive
    await job.runTo(`${tar}2`, 'snapshot', '--root', job.root);
    expect((await readFile(`${tar}2`)).equals(await readFile(tar))).toBe(true);
    expect(await readFile(tar, 'latin1')).toContain('SCHILY.xattr.user.note=hello');
  });

  it('writes a recipe that makes the same bytes, the same every time', async () => {
    await using job = await FsJob.create();
    const upper = await fillUpper(job);
    const [tar, recipe] = [join(job.folder, 'layer.tar'), join(job.folder, 'recipe')];
    await job.runTo(tar, 'snapshot', '--root', upper, '--recipe', recipe);
    await job.runTo(`${tar}2`, 'snapshot', '--root', upper);
    await job.runTo(`${tar}3`, 'pack', '--root', upper, '--recipe', recipe);
    const bytes = await readFile(tar);
    expect((await readFile(`${tar}2`)).equals(bytes)).toBe(true);
    expect((await readFile(`${tar}3`)).equals(bytes)).toBe(true);
  });
});
