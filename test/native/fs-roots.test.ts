// gantry-fs on roots: plain folders, stopped containers made of layers, running ones by their mount namespace.
import { mkdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runChecked, runProcess } from '../../src/base/process.ts';
import { FsJob } from '../support/gantry-fs.ts';
import { tarOf } from '../support/tar.ts';

/** Two layers with a folder `both`, an upper folder that hides `both/low`, a volume, and what names them. */
async function layered(): Promise<{ job: FsJob; read: string[]; write: string[] } & AsyncDisposable> {
  const job = await FsJob.create();
  const at = (name: string): string => join(job.folder, name);
  await runChecked('sh', [
    '-c',
    `cd "$0" && mkdir -p top/both low/both upper/both work volume &&
     echo top >top/both/top && echo low >low/both/low && echo old >low/both/old && ln low/both/old low/both/twin &&
     ln -s /both top/link && ln -s both/old top/file && ln -s /nope/x top/dangling &&
     mknod upper/both/low c 0 0 && echo new >upper/both/new && echo kept >volume/kept`,
    job.folder,
  ]);
  const layers = ['--layer', at('top'), '--layer', at('low')];
  const volume = ['--bind', at('volume'), '/data/deep'];
  return {
    job,
    read: ['--layer', at('upper'), ...layers, ...volume],
    write: [...layers, '--upper', at('upper'), '--work', at('work'), ...volume],
    [Symbol.asyncDispose]: async () => job[Symbol.asyncDispose](),
  };
}

/** The names in an archive that follows a stat line. */
async function names(job: FsJob, ...args: readonly string[]): Promise<string[]> {
  const file = join(job.folder, 'archive');
  await job.runTo(file, 'get', ...args);
  const bytes = await readFile(file);
  await writeFile(file, bytes.subarray(bytes.indexOf(0) + 1));
  return (await runChecked('tar', ['-Ptf', file])).trim().split('\n');
}

describe('a stopped container', () => {
  it('is read as its layers merged, with its volumes, and is not changed by that', async () => {
    await using made = await layered();
    const { job, read } = made;
    expect(await names(job, ...read, '--path', '/both', '--name', 'b')).toEqual([
      'b/',
      'b/new',
      'b/old',
      'b/top',
      'b/twin',
    ]);
    expect(await names(job, ...read, '--path', '/data', '--name', '.')).toEqual(['./', './deep/', './deep/kept']);
    expect(await runChecked('ls', [join(job.folder, 'upper')])).toBe('both\n');
  });

  it('says what a path is, where symlinks lead, and what is not there', async () => {
    await using made = await layered();
    const { job, read } = made;
    const line = async (...args: readonly string[]): Promise<string> => {
      const { stdout, stderr } = await job.run('stat', ...read, ...args);
      return (stdout || stderr).replace(/ \d+\.\d{9}/, '');
    };
    expect(await line('--path', '/both/old')).toBe('100644 4 \0');
    expect(await line('--path', '/link')).toBe('120777 5 /both\0');
    expect(await line('--path', '/file')).toBe('120777 8 /both/old\0');
    expect(await line('--path', '/dangling')).toBe('120777 7 /nope/x\0');
    expect(await line('--path', '/file', '--follow')).toBe('100644 4 \0');
    expect(await line('--path', '/both/low')).toBe('open 2 /both/low\n');
    expect(await line('--path', '/../../both/old')).toBe('100644 4 \0');
  });

  it('takes files in, through its own symlinks, and lets them go', async () => {
    await using made = await layered();
    const { job, write } = made;
    const file = join(job.folder, 'in.tar');
    await writeFile(file, tarOf({ name: 'sub/f', data: 'in', mode: 0o640 }, { name: '.wh.top', data: '' }));
    const put = async (...args: readonly string[]): Promise<string> =>
      runChecked('sh', ['-c', 'file=$0 && exec "$@" <"$file"', file, job.binary, 'put', ...write, ...args]);
    await put('--path', '/link', '--owner', '5:6');
    expect(await runChecked('stat', ['-c', '%a %u %g', join(job.folder, 'upper/both/sub/f')])).toBe('640 5 6\n');
    expect(await runChecked('ls', ['-A', join(job.folder, 'upper/both')])).toBe('.wh.top\nlow\nnew\nsub\n');
    await put('--path', '/data/deep');
    expect(await readFile(join(job.folder, 'volume/sub/f'), 'utf8')).toBe('in');
    await runChecked(job.binary, ['delete', ...write, '--', '/both/sub', '/absent/x', '/link']);
    expect(await runChecked('ls', ['-A', join(job.folder, 'upper/both')])).toBe('.wh.top\nlow\nnew\n');
    expect(await readlink(join(job.folder, 'top/link'))).toBe('/both');
    expect(await job.run('delete', ...write, '--', '/')).toMatchObject({ status: 1, stderr: 'path 22 /\n' });
  });

  it('lists what was added, changed and deleted', async () => {
    await using made = await layered();
    const { job } = made;
    const at = (name: string): string => join(job.folder, name);
    await writeFile(at('upper/both/top'), 'other');
    const args = ['--upper', at('upper'), '--layer', at('top'), '--layer', at('low')];
    const list = await runChecked(job.binary, ['changes', ...args]);
    expect(list.split('\0')).toEqual(['C /both', 'D /both/low', 'A /both/new', 'C /both/top', '']);
    // stdio, the three tops and two folders called both: a layer that cannot be opened is not an empty one
    const few = await runProcess('prlimit', ['--nofile=8:8', job.binary, 'changes', ...args]);
    expect(few).toMatchObject({ status: 1, stderr: 'open 24 /both\n' });
  });
});

describe('an evil image', () => {
  it('leads no mount, read or write of a stopped container out of it', async () => {
    await using made = await layered();
    const { job, write, read } = made;
    const up = '../'.repeat(12) + job.outside.slice(1);
    await symlink(up, join(job.folder, 'top/data'));
    await symlink(job.outside, join(job.folder, 'top/abs'));
    const before = await job.outsideState();
    const file = join(job.folder, 'in.tar');
    await writeFile(file, tarOf({ name: 'abs/secret', data: 'evil' }, { name: 'data/secret', data: 'evil' }));
    for (const root of [write, write.slice(0, -3)]) {
      const put = ['-c', 'file=$0 && exec "$@" <"$file"', file, job.binary, 'put', ...root, '--path', '/'];
      expect((await runProcess('sh', put)).status).toBe(1);
      expect((await job.run('delete', ...root, '--', '/abs/secret', '/data/secret')).status).toBeLessThan(2);
    }
    for (const path of ['/abs/secret', '/data/secret'])
      expect((await job.run('stat', ...read.slice(0, -3), '--path', path)).stderr).toBe(`open 2 ${path}\n`);
    expect(await job.outsideState()).toBe(before);
  });
});

describe('a running container', () => {
  it('is not taken for another process that has its number', async () => {
    await using job = await FsJob.create();
    const args = ['stat', '--path', '/', '--pid', String(process.pid), '--cgroup'];
    expect(await job.run(...args, 'aaaabbbbcccc')).toMatchObject({ status: 1, stderr: `container 3 ${process.pid}\n` });
    expect((await job.run(...args, '../x')).stderr).toMatch(/^container 22/);
  });
});

describe('a plain folder', () => {
  it('keeps symlinks within it', async () => {
    await using job = await FsJob.create();
    await mkdir(join(job.root, 'outside'));
    await symlink(job.outside, join(job.root, 'link'));
    expect((await job.run('stat', '--root', job.root, '--path', '/link/secret', '--follow')).stderr).toMatch(
      /^open 2 /,
    );
  });
});
