import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Service } from '../../../src/compose/model/service.ts';
import { ruleMatches, ruleNeedsFolder } from '../../../src/watch/rule.ts';
import { rulesOf } from '../../../src/watch/rules.ts';
import { project, service } from '../../support/project.ts';

let folder: string;
let notices: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gantry-rules-'));
  notices = [];
  await mkdir(join(folder, 'src'));
});
afterEach(async () => rm(folder, { recursive: true }));

const rules = async (services: readonly Service[], named: readonly string[] = []): ReturnType<typeof rulesOf> =>
  await rulesOf(project(services), { services: named, notice: (text) => void notices.push(text) });

const sync = (more: object = {}): Partial<Service> => ({
  develop: { watch: [{ path: join(folder, 'src'), action: 'sync', target: '/app', ...more }] },
});

describe('rules', () => {
  it('refuses a project without any', async () => {
    await expect(rules([service('web')])).rejects.toThrow(
      `none of the selected services is configured for watch, consider setting a 'develop' section`,
    );
    await expect(rules([service('web', sync()), service('db')], ['db'])).rejects.toThrow('none of the selected');
  });

  it('takes those of the named services only', async () => {
    const found = await rules([service('web', sync()), service('api', sync())], ['api']);
    expect(found.map((rule) => rule.service)).toEqual(['api']);
  });

  it('refuses a rebuild without a build', async () => {
    await expect(rules([service('web', sync({ action: 'rebuild' }))])).rejects.toThrow(
      `can't watch service "web" with action rebuild without a build context`,
    );
  });

  it('resolves symlinks, also above what is not there yet', async () => {
    await symlink('src', join(folder, 'link'));
    const [there] = await rules([service('web', sync({ path: join(folder, 'link') }))]);
    expect(there).toMatchObject({ path: join(folder, 'src'), folder: true });
    const [absent] = await rules([service('web', sync({ path: join(folder, 'link/later/on') }))]);
    expect(absent).toMatchObject({ path: join(folder, 'src/later/on'), folder: false });
  });

  it('leaves out what a bind mount brings into the container, and says so', async () => {
    const volumes = [{ type: 'bind' as const, source: folder, target: '/all' }];
    await expect(rules([service('web', { ...sync(), volumes })])).rejects.toThrow('none of the selected');
    expect(notices.join()).toMatch(/web: .*bind mount/);
    expect(await rules([service('web', { ...sync({ action: 'restart' }), volumes })])).toHaveLength(1);
  });

  it('honours the ignore file of the build context, and prunes by it', async () => {
    await writeFile(join(folder, '.dockerignore'), '**/node_modules\n!src/node_modules/mine\n*.md\n');
    const build = { context: folder };
    const [rule] = await rules([service('web', { ...sync({ path: folder, ignore: ['tmp/'] }), build })]);
    if (rule === undefined) throw new Error('no rule');
    const matching = [
      'a.js',
      'a.md',
      'tmp/x',
      'src/node_modules/x',
      'src/node_modules/mine/x',
      '.git/HEAD',
      'src/.x.swp',
    ];
    expect(matching.filter((name) => ruleMatches(rule, join(folder, name)))).toEqual([
      'a.js',
      'src/node_modules/mine/x',
    ]);
    const folders = ['src', 'node_modules', 'src/node_modules', 'tmp', '.git'];
    expect(folders.filter((name) => ruleNeedsFolder(rule, join(folder, name)))).toEqual(['src', 'src/node_modules']);
  });

  it("prefers the Dockerfile's own ignore file", async () => {
    await writeFile(join(folder, '.dockerignore'), 'a\n');
    await writeFile(join(folder, 'Dev.dockerignore'), 'b\n');
    const build = { context: folder, dockerfile: 'Dev' };
    const [rule] = await rules([service('web', { ...sync({ path: folder }), build })]);
    if (rule === undefined) throw new Error('no rule');
    expect(['a', 'b'].filter((name) => ruleMatches(rule, join(folder, name)))).toEqual(['a']);
  });
});
