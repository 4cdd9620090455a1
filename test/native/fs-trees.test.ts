// gantry-fs remove and size: whole trees, however deep, and nothing behind a mount or a symlink.
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runChecked } from '../../src/base/process.ts';
import { FsJob } from '../support/gantry-fs.ts';

/** Makes a chain of folders by going into each, so that no path is too long. */
const DEEP =
  'import os,sys\nos.chdir(sys.argv[1])\nfor i in range(int(sys.argv[2])):\n os.mkdir("d"); os.chdir("d")\nopen("f","w").write("xyz")';

describe('gantry-fs remove', () => {
  it('removes trees of any kind and depth, and is content with absent ones', async () => {
    await using job = await FsJob.create();
    await runChecked('python3', ['-c', DEEP, job.root, '3000']);
    await symlink('../outside', join(job.root, 'link'));
    await writeFile(join(job.folder, 'file'), 'x');
    expect(await job.run('remove', job.root, join(job.folder, 'file'), join(job.folder, 'absent/too'))).toMatchObject({
      status: 0,
    });
    expect(await readdir(job.folder)).toEqual(['outside']);
    expect(await readFile(join(job.outside, 'secret'), 'utf8')).toBe('secret\n');
  });

  it('removes a symlink, not what it points to', async () => {
    await using job = await FsJob.create();
    await symlink(job.outside, join(job.root, 'link'));
    expect((await job.run('remove', join(job.root, 'link'))).status).toBe(0);
    expect(await readFile(join(job.outside, 'secret'), 'utf8')).toBe('secret\n');
  });

  it('stops before a mount', async () => {
    await using job = await FsJob.create();
    await mkdir(join(job.root, 'in/mnt'), { recursive: true });
    const result = await job.withMount(join(job.root, 'in/mnt'), ['remove', job.root]);
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/^open-folder 18 mnt/);
    expect(await readFile(join(job.outside, 'secret'), 'utf8')).toBe('secret\n');
  });

  it('refuses a path that names no entry', async () => {
    await using job = await FsJob.create();
    for (const path of ['/', '.', '..', `${job.root}/..`])
      expect((await job.run('remove', path)).stderr).toMatch(/^path 22/);
  });
});

describe('gantry-fs size', () => {
  it('counts each file once and follows nothing', async () => {
    await using job = await FsJob.create();
    await runChecked('sh', [
      '-c',
      'cd "$0" && mkdir a && printf 12345 >a/f && ln a/f g && ln -s ../outside o',
      job.root,
    ]);
    expect((await job.run('size', job.root)).stdout).toBe('bytes=5\n');
    await runChecked('python3', ['-c', DEEP, job.root, '500']);
    expect((await job.run('size', job.root)).stdout).toBe('bytes=8\n');
    await job.run('remove', job.root);
  });
});

describe('gantry-fs', () => {
  it('answers a wrong command line with its usage', async () => {
    await using job = await FsJob.create();
    for (const args of [
      [],
      ['nonsense'],
      ['unpack'],
      ['unpack', '--root'],
      ['size'],
      ['remove'],
      ['pack', '--root', '/'],
      ['sync'],
    ]) {
      expect(await job.run(...args)).toMatchObject({ status: 2, stdout: '' });
    }
  });
});
