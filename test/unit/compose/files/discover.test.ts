// Which files, folder, variables and name a command is about.
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findProject, loadProject, type FindOptions } from '../../../../src/compose/load.ts';
import { projectFolder, refusal, type Files } from '../../../support/compose-files.ts';

const ONE = 'services: {a: {image: x}}\n';

async function find(
  files: Files,
  options: Partial<FindOptions> & { below?: string } = {},
): Promise<Record<string, unknown>> {
  using folder = projectFolder(files);
  const cwd = join(folder.dir, options.below ?? '.');
  const found = await findProject({ env: {}, ...options, cwd });
  return JSON.parse(JSON.stringify(found).replaceAll(folder.dir, '/shop')) as Record<string, unknown>;
}

describe('findProject', () => {
  it.each<[string, string[], string[]]>([
    [
      'the best name wins',
      ['docker-compose.yaml', 'docker-compose.yml', 'compose.yml', 'compose.yaml'],
      ['compose.yaml'],
    ],
    ['the old names', ['docker-compose.yaml', 'docker-compose.yml'], ['docker-compose.yml']],
    ['an override', ['compose.yaml', 'compose.override.yaml'], ['compose.yaml', 'compose.override.yaml']],
    [
      'an override of another stem',
      ['compose.yaml', 'docker-compose.override.yml'],
      ['compose.yaml', 'docker-compose.override.yml'],
    ],
    ['no override alone', ['compose.override.yaml'], []],
  ])('%s', async (_, present, expected) => {
    const found = await find(Object.fromEntries(present.map((name) => [name, ONE])));
    expect(found['files']).toEqual(expected.map((name) => `/shop/${name}`));
  });

  it('searches the parents', async () => {
    const found = await find({ 'compose.yaml': ONE, 'a/b/x': '' }, { below: 'a/b' });
    expect(found).toMatchObject({ workingDir: '/shop', files: ['/shop/compose.yaml'] });
  });

  it('takes files from the flag, without overrides; the first tells the folder', async () => {
    const found = await find(
      { 'sub/a.yaml': ONE, 'sub/compose.override.yaml': ONE, 'b.yaml': ONE },
      { files: ['sub/a.yaml', 'b.yaml'] },
    );
    expect(found).toMatchObject({ workingDir: '/shop/sub', files: ['/shop/sub/a.yaml', '/shop/b.yaml'] });
  });

  it('takes files from COMPOSE_FILE, also of .env, with its separator', async () => {
    const files = { 'a.yaml': ONE, 'b.yaml': ONE, '.env': 'COMPOSE_FILE=a.yaml,b.yaml\nCOMPOSE_PATH_SEPARATOR=,\n' };
    expect((await find(files))['files']).toEqual(['/shop/a.yaml', '/shop/b.yaml']);
  });

  it('reads .env beside the files, not where it was called', async () => {
    const files = { 'compose.yaml': ONE, '.env': 'A=top\n', 'sub/.env': 'A=sub\nB=sub\n', 'sub/b.yaml': ONE };
    expect(await find(files, { below: 'sub' })).toMatchObject({ workingDir: '/shop', environment: { A: 'top' } });
    const env = { COMPOSE_FILE: 'sub/b.yaml:compose.yaml' };
    expect((await find(files, { env }))['environment']).toEqual({ ...env, A: 'sub', B: 'sub' });
  });

  it('takes the paths of COMPOSE_FILE from where it was called, wherever .env is', async () => {
    const files = { 'compose.yaml': ONE, '.env': 'COMPOSE_FILE=b.yaml\n', 'sub/b.yaml': ONE };
    expect(await find(files, { below: 'sub' })).toMatchObject({ workingDir: '/shop/sub', files: ['/shop/sub/b.yaml'] });
  });

  it('wants a boolean to leave .env out', async () => {
    const refused = find({ 'compose.yaml': ONE }, { env: { COMPOSE_DISABLE_ENV_FILE: 'yes' } });
    await expect(refused).rejects.toMatchObject({ message: 'COMPOSE_DISABLE_ENV_FILE is "yes"' });
  });

  it('lets the process win over .env', async () => {
    const files = { 'compose.yaml': ONE, '.env': 'A=file\nB=file\nCOMPOSE_PROJECT_NAME=named\n' };
    const found = await find(files, { env: { A: 'process' } });
    expect(found).toMatchObject({ name: 'named', environment: { A: 'process', B: 'file' } });
  });

  it('reads other files instead of .env; a later one wins', async () => {
    const files = { 'compose.yaml': ONE, '.env': 'Z=1\n', 'a.env': 'A=1\nB=1\n', 'b.env': 'B=2\nC=$A\n' };
    const found = await find(files, { envFiles: ['a.env', 'b.env'] });
    expect(found['environment']).toEqual({ A: '1', B: '2', C: '1' });
  });

  it('leaves .env out when asked', async () => {
    const found = await find({ 'compose.yaml': ONE, '.env': 'Z=1\n' }, { env: { COMPOSE_DISABLE_ENV_FILE: 'true' } });
    expect(found['environment']).toEqual({ COMPOSE_DISABLE_ENV_FILE: 'true' });
  });

  it('names the folder when there is no file', async () => {
    expect(await find({ 'x.txt': '' })).toMatchObject({ name: 'shop', files: [] });
  });

  it('warns when several files could be meant', async () => {
    const found = await find({ 'compose.yaml': ONE, 'docker-compose.yml': ONE });
    expect(found['diagnostics']).toMatchObject([
      { severity: 'warning', message: expect.stringContaining('several compose files') as string },
    ]);
  });
});

describe('the project name', () => {
  const named = async (text: string, options: Partial<FindOptions> = {}, folder = 'x'): Promise<string> => {
    using root = projectFolder({ y: '' });
    const dir = join(root.dir, folder);
    mkdirSync(dir);
    writeFileSync(join(dir, 'compose.yaml'), text);
    return (await loadProject({ env: {}, cwd: dir, ...options })).project.name;
  };

  it.each<[string, string, Partial<FindOptions>, string]>([
    ['the file, normalised', `name: My.Name\n${ONE}`, {}, 'myname'],
    ['the last of several', `name: one\n${ONE}---\nname: two\n`, {}, 'two'],
    ['a variable in the file', `name: \${N:-dflt}\n${ONE}`, {}, 'dflt'],
    ['the environment before the file', `name: file\n${ONE}`, { env: { COMPOSE_PROJECT_NAME: 'envy' } }, 'envy'],
    ['the flag before the environment', ONE, { projectName: 'flag', env: { COMPOSE_PROJECT_NAME: 'envy' } }, 'flag'],
  ])('%s', async (_, text, options, expected) => {
    expect(await named(text, options)).toBe(expected);
  });

  it('is the folder, normalised, when nothing else names it', async () => {
    expect(await named(ONE, {}, '__My.App 1-')).toBe('myapp1-');
  });

  it('is refused when it is given and not normalised', async () => {
    await expect(named(ONE, { projectName: 'My.App' })).rejects.toMatchObject({
      code: 'compose/invalid-project-name',
      hint: 'use "myapp"',
    });
    await expect(named(ONE, {}, '...')).rejects.toMatchObject({ code: 'compose/invalid-project-name' });
  });

  it('is refused when the file names it, and nothing comes of that', async () => {
    for (const name of ['$NOPE', '...', '$COMPOSE_PROJECT_NAME'])
      await expect(named(`name: ${name}\n${ONE}`)).rejects.toMatchObject({ code: 'compose/invalid-project-name' });
  });

  it('is known to variables', async () => {
    using folder = projectFolder({ 'compose.yaml': 'services: {a: {image: "$COMPOSE_PROJECT_NAME"}}\n' });
    const { project } = await loadProject({ env: {}, cwd: folder.dir });
    expect(project.services['a']?.image).toBe('shop');
  });
});

describe('files that cannot be read', () => {
  it.each<[string, Files, Partial<FindOptions>, string]>([
    ['none at all', { x: '' }, {}, 'no compose file found in'],
    ['a missing one', { x: '' }, { files: ['nope.yaml'] }, 'nope.yaml does not exist'],
    ['a folder', { 'd/x': '' }, { files: ['d'] }, 'd is a directory'],
    ['NUL bytes', { 'compose.yaml': 'services:\0' }, {}, 'holds a NUL byte at offset 9'],
    ['a missing env file', { 'compose.yaml': ONE }, { envFiles: ['nope.env'] }, 'nope.env does not exist'],
    ['a bad env file', { 'compose.yaml': ONE, '.env': 'A=1\nB C=2\n' }, {}, '.env:2:1: the name "B C" holds a space'],
    [
      'another machine',
      { x: '' },
      { files: ['oci://example.org/app'] },
      'compose files on other machines cannot be read',
    ],
  ])('%s', async (_, files, options, message) => {
    expect((await refusal(files, options)).message).toContain(message);
  });
});

describe('a pipe', () => {
  it('is read to its end', async () => {
    using folder = projectFolder({ x: '' });
    const pipe = join(folder.dir, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const [{ project }] = await Promise.all([
      loadProject({ env: {}, cwd: folder.dir, files: ['pipe'] }),
      writeFile(pipe, 'services: {a: {image: x}}\n'),
    ]);
    expect(Object.keys(project.services)).toEqual(['a']);
  });
});
