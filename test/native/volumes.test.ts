// Filling an empty volume from the image, and what mounts make of their targets.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { beforeAll, expect, it } from 'vitest';
import { runChecked } from '../../src/base/process.ts';
import { ATTR } from '../../src/engine/shim/plan/mounts.ts';
import { MOUNT_FLAGS, PHASES, STEPS } from '../../src/engine/shim/records.ts';
import { busyboxRootfs } from '../support/rootfs.ts';
import { nativeBinary, TestZygote } from '../support/zygote.ts';

beforeAll(async () => {
  await nativeBinary('gantry-shim');
}, 120_000);

const COPY_UP = MOUNT_FLAGS.createDir | MOUNT_FLAGS.copyUp;

/** A layer with one of everything at /data. */
async function dataLayer(zygote: TestZygote): Promise<readonly string[]> {
  const layer = `${zygote.root}/layer`;
  await mkdir(layer);
  const script = `mkdir -p data/sub/deep && echo a > data/file && echo b > data/sub/deep/file && ln -s ../x data/link
    mkfifo data/fifo && mknod data/null c 1 3 && chmod 4755 data/file && chmod 2770 data/sub && chown -R 1000:33 data
    chmod 4755 data/file && chmod 1777 data && touch -d @1500000000 data/sub/deep/file`;
  await runChecked('sh', ['-ec', script], { cwd: layer });
  return [layer, (await busyboxRootfs()).dir];
}

const LIST =
  'cd /data && find . | sort | while read f; do stat -c "%n %F %a %u:%g %s" $f; done; cat file sub/deep/file; readlink link';

it('copies contents, owners, modes, links and nodes into an empty volume', async () => {
  await using zygote = await TestZygote.start();
  const layers = await dataLayer(zygote);
  await mkdir(`${zygote.root}/vol`);
  const plain = await zygote.run({ layers, argv: ['sh', '-c', LIST] });
  const filled = await zygote.run({
    layers,
    argv: ['sh', '-c', LIST],
    mounts: [{ source: `${zygote.root}/vol`, target: '/data', flags: COPY_UP }],
  });
  const withoutDirSizes = (text: string): string => text.replace(/ directory (\d+ \S+) \d+/g, ' directory $1');
  expect(withoutDirSizes(filled.stdout)).toBe(withoutDirSizes(plain.stdout));
  expect(filled.stdout).toContain('./file regular file 4755 1000:33 2');
  expect(filled.stdout).toContain('. directory 1777 1000:33');
});

it('fills a volume that is read-only for the container', async () => {
  await using zygote = await TestZygote.start();
  const layers = await dataLayer(zygote);
  await mkdir(`${zygote.root}/vol`);
  const { stdout } = await zygote.run({
    layers,
    argv: ['sh', '-c', 'cat /data/file; touch /data/new 2>&1'],
    mounts: [{ source: `${zygote.root}/vol`, target: '/data', flags: COPY_UP, attr: ATTR.ro }],
  });
  expect(stdout).toBe('a\ntouch: /data/new: Read-only file system\n');
});

it('keeps files with several names one file', async () => {
  await using zygote = await TestZygote.start();
  const layers = await dataLayer(zygote);
  await runChecked('sh', ['-ec', 'ln sub/deep/file one; ln file sub/two; ln file sub/deep/three'], {
    cwd: `${zygote.root}/layer/data`,
  });
  await mkdir(`${zygote.root}/vol`);
  const { stdout } = await zygote.run({
    layers,
    argv: [
      'sh',
      '-c',
      'cd /data; stat -c %h file sub/deep/file; test one -ef sub/deep/file && test sub/two -ef sub/deep/three',
    ],
    mounts: [{ source: `${zygote.root}/vol`, target: '/data', flags: COPY_UP }],
  });
  expect(stdout).toBe('3\n2\n');
});

it('leaves a volume alone that has something in it', async () => {
  await using zygote = await TestZygote.start();
  const layers = await dataLayer(zygote);
  await mkdir(`${zygote.root}/vol`);
  await writeFile(`${zygote.root}/vol/mine`, '');
  await zygote.run({ layers, mounts: [{ source: `${zygote.root}/vol`, target: '/data', flags: COPY_UP }] });
  expect(await readdir(`${zygote.root}/vol`)).toEqual(['mine']);
});

it('leaves nothing of a copy that failed, so that the next start does not take it for contents', async () => {
  await using zygote = await TestZygote.start();
  const layers = await dataLayer(zygote);
  await mkdir(`${zygote.root}/layer/data/${'d/'.repeat(210)}`, { recursive: true });
  await mkdir(`${zygote.root}/vol`);
  const mounts = [{ source: `${zygote.root}/vol`, target: '/data', flags: COPY_UP }];
  const { state } = await zygote.launch({ layers, mounts });
  expect([state.phase, STEPS[state.step]]).toEqual([PHASES.failed, 'copyUp']);
  expect(await readdir(`${zygote.root}/vol`)).toEqual([]);
});

it('fills nothing where the image has nothing', async () => {
  await using zygote = await TestZygote.start();
  await mkdir(`${zygote.root}/vol`);
  const mounts = [{ source: `${zygote.root}/vol`, target: '/not/there', flags: COPY_UP }];
  const { status } = await zygote.run({ argv: ['test', '-d', '/not/there'], mounts });
  expect(status).toBe(0);
});

it('makes mount points, files too, and a tmpfs keeps the mode of what it covers', async () => {
  await using zygote = await TestZygote.start();
  await writeFile(`${zygote.root}/hosts`, '127.0.0.1 here\n');
  const result = await zygote.run({
    argv: ['sh', '-c', 'cat /etc/deep/hosts; stat -c %a /root /tmp; echo x >/etc/deep/hosts'],
    mounts: [
      { source: `${zygote.root}/hosts`, target: '/etc/deep/hosts', flags: MOUNT_FLAGS.createFile },
      { fstype: 'tmpfs', source: 'tmpfs', target: '/root', flags: MOUNT_FLAGS.createDir },
      { fstype: 'tmpfs', source: 'tmpfs', target: '/tmp', options: 'size=1m', flags: MOUNT_FLAGS.createDir },
    ],
  });
  expect(result).toEqual({ status: 0, stdout: '127.0.0.1 here\n700\n1777\n', stderr: '' });
});

it('stacks many layers, the topmost first', async () => {
  await using zygote = await TestZygote.start();
  const layers: string[] = [];
  for (let i = 0; i < 100; i += 1) {
    layers.push(`${zygote.root}/layer-with-a-rather-long-name-${i}`);
    await mkdir(`${layers[i] ?? ''}/l`, { recursive: true });
    await writeFile(`${layers[i] ?? ''}/l/same`, String(i));
    await writeFile(`${layers[i] ?? ''}/l/${i}`, '');
  }
  const { stdout } = await zygote.run({
    layers: [...layers, (await busyboxRootfs()).dir],
    argv: ['sh', '-c', 'cat /l/same; ls /l | wc -l'],
  });
  expect(stdout).toBe('0101\n');
});
