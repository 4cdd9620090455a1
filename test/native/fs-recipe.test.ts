// gantry-fs pack: a recipe and the unpacked files make the very same archive, byte for byte, or it says that they do not.
import { readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runChecked } from '../../src/base/process.ts';
import { FsJob } from '../support/gantry-fs.ts';
import { tarOf, type TarEntry } from '../support/tar.ts';

/** Unpacks with a recipe; true when it promises the same archive. */
async function unpackWithRecipe(job: FsJob, tar: Uint8Array): Promise<boolean> {
  await rm(job.root, { recursive: true });
  await runChecked('mkdir', [job.root]);
  await rm(recipeOf(job), { force: true });
  const { status, stdout, stderr } = await job.unpack(tar, '--recipe', recipeOf(job));
  if (status !== 0) throw new Error(stderr);
  return stdout.endsWith(' recipe=1\n');
}

function recipeOf(job: FsJob): string {
  return join(job.folder, 'recipe');
}

async function repacked(job: FsJob): Promise<Buffer> {
  const tar = join(job.folder, 'again.tar');
  await job.runTo(tar, 'pack', '--root', job.root, '--recipe', recipeOf(job));
  return await readFile(tar);
}

const CONTENT = fc.string({ maxLength: 2000 });
const NAME = fc.stringMatching(/^[a-z]{1,3}(\/[a-z]{1,3}){0,2}$/);
const ENTRY: fc.Arbitrary<TarEntry> = fc.oneof(
  fc.record({ name: NAME, data: CONTENT }),
  fc.record({ name: NAME, data: CONTENT, pax: fc.constant({ mtime: '12.5', comment: 'x' }) }),
  NAME.map((name) => ({ name: `${name}/`, type: '5' })),
  NAME.map((name) => ({ name, type: '2', link: 'else/where' })),
  NAME.map((name) => ({ name: name.replace(/[^/]*$/, '.wh.$&') })),
);

describe('gantry-fs pack', () => {
  it('makes the same bytes of any archive whose entries are all still there', async () => {
    await using job = await FsJob.create();
    const archives = fc.tuple(fc.array(ENTRY, { maxLength: 12 }), fc.uint8Array({ maxLength: 700 }));
    let promised = 0;
    await fc.assert(
      fc.asyncProperty(archives, async ([entries, behind]) => {
        const tar = Buffer.concat([tarOf(...entries), behind]);
        const promise = await unpackWithRecipe(job, tar).catch((error: unknown) => String(error));
        // a file below a file or a dangling symlink is refused, which is another test's matter
        if (promise !== true) return;
        promised += 1;
        expect((await repacked(job)).equals(tar)).toBe(true);
      }),
      { numRuns: 80 },
    );
    expect(promised).toBeGreaterThan(20);
  });

  it('makes the same bytes of a large archive of GNU tar', async () => {
    await using job = await FsJob.create();
    const tar = join(job.folder, 'big.tar');
    await runChecked('tar', ['--format=pax', '-C', '/usr/share', '-cf', tar, 'perl5', 'misc']);
    const bytes = await readFile(tar);
    expect(await unpackWithRecipe(job, bytes)).toBe(true);
    expect((await repacked(job)).equals(bytes)).toBe(true);
  });

  it('promises nothing when a later entry took the place of an earlier one', async () => {
    await using job = await FsJob.create();
    expect(await unpackWithRecipe(job, tarOf({ name: 'a', data: '1' }, { name: 'a', data: '2' }))).toBe(false);
    expect(await unpackWithRecipe(job, tarOf({ name: 'a/b', data: '1' }, { name: 'a', data: '2' }))).toBe(false);
    expect(await unpackWithRecipe(job, tarOf({ name: '.wh.a' }, { name: 'a', data: '2' }))).toBe(true);
  });

  it('refuses files that were changed since, and never leaves its folder', async () => {
    await using job = await FsJob.create();
    expect(await unpackWithRecipe(job, tarOf({ name: 'd/a', data: 'secret\n' }))).toBe(true);
    const pack = async (): Promise<string> =>
      (await job.run('pack', '--root', job.root, '--recipe', recipeOf(job))).stderr;
    await writeFile(join(job.root, 'd/a'), 'longer than before');
    expect(await pack()).toMatch(/^changed 22 a/);
    await rm(join(job.root, 'd/a'));
    await symlink(join(job.outside, 'secret'), join(job.root, 'd/a'));
    expect(await pack()).toMatch(/^open 40 a/);
    await rm(join(job.root, 'd'), { recursive: true });
    await symlink(job.outside, join(job.root, 'd'));
    expect(await pack()).toMatch(/^open-folder 2 d/);
  });

  it.each(['X', 'L\u0005\0\0\0abc', 'F', 'F\u0001\0\0\0\0\0\0\0\0\0', 'L\u00ff\u00ff\u00ff\u00ffabc'])(
    'refuses the recipe %j',
    async (recipe) => {
      await using job = await FsJob.create();
      await writeFile(recipeOf(job), Buffer.from(recipe, 'latin1'));
      expect((await job.run('pack', '--root', job.root, '--recipe', recipeOf(job))).status).toBe(1);
    },
  );
});
