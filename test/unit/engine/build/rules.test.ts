// Tables: what a cache key depends on, where copies go, which variable has which value where.
import { describe, expect, it } from 'vitest';
import { stepKey } from '../../../../src/engine/build/cache.ts';
import { checkTarget, nameOfUrl, sourceName, sourceOf, targetOf } from '../../../../src/engine/build/copy-rules.ts';
import { expandWord } from '../../../../src/engine/build/dockerfile/expand.ts';
import { parseDockerfile } from '../../../../src/engine/build/dockerfile/parse.ts';
import {
  buildScope,
  declare,
  globalExpansion,
  runArgs,
  stageExpansion,
  stageScope,
  unusedArgs,
  type StageScope,
} from '../../../../src/engine/build/scope.ts';
import { scratch } from '../../../../src/engine/build/stage-image.ts';
import { planStages } from '../../../../src/engine/build/stages.ts';

describe('a cache key', () => {
  const parent = { ...scratch(), id: `sha256:${'1'.repeat(64)}` };
  const other = { ...scratch(), id: `sha256:${'2'.repeat(64)}` };

  it('is the same for the same', () => {
    expect(stepKey(parent, ['RUN', 'a'])).toBe(stepKey({ ...parent }, ['RUN', 'a']));
  });

  it.each([
    ['another image before it', stepKey(other, ['RUN', 'a'])],
    ['the empty image before it', stepKey(scratch(), ['RUN', 'a'])],
    ['another command', stepKey(parent, ['RUN', 'b'])],
    ['words cut elsewhere', stepKey(parent, ['RUNa'])],
    ['one more word', stepKey(parent, ['RUN', 'a', ''])],
    ['another order', stepKey(parent, ['a', 'RUN'])],
  ])('differs with %s', (_name, key) => {
    expect(key).not.toBe(stepKey(parent, ['RUN', 'a']));
  });
});

describe('copy rules', () => {
  it.each([
    ['/a', '/a', '/a'],
    ['a', '/srv/a', '/a'],
    ['a/', '/srv/a/', '/a/'],
    ['.', '/srv/', '/'],
    ['./', '/srv/', '/'],
    ['x/.', '/srv/x/', '/x/'],
    ['../a', '/a', '/a'],
    ['/a/../../b/', '/b/', '/b/'],
    ['/', '/', '/'],
  ])('the target %s is %s below /srv and %s without WORKDIR', (written, below, without) => {
    expect(targetOf({ WorkingDir: '/srv' }, written)).toBe(below);
    expect(targetOf({}, written)).toBe(without);
  });

  it.each([
    ['/', ''],
    ['.', ''],
    ['a/', 'a'],
    ['/a//b', 'a/b'],
    ['../../etc', 'etc'],
    ['a/../../x', 'x'],
  ])('the source %s is %j in its tree', (written, path) => {
    expect(sourceOf(written)).toBe(path);
  });

  it('several sources need a folder, and there must be one', () => {
    expect(() => checkTarget('COPY', '/a', 1)).not.toThrow();
    expect(() => checkTarget('COPY', '/a/', 2)).not.toThrow();
    expect(() => checkTarget('ADD', '/a', 2)).toThrow('When using ADD with more than one source file');
    expect(() => checkTarget('COPY', '/a/', 0)).toThrow('no source files were specified');
  });

  it.each([
    ['http://h/a/b.tar?x=1', '/t/', 'b.tar'],
    ['http://h/a%20b', '/t/', 'a b'],
    ['http://h/', '/t/name', 'name'],
  ])('the file of %s in %s is called %s', (url, target, name) => {
    expect(nameOfUrl(url, target)).toBe(name);
  });

  it('an address without a name needs one', () => {
    expect(() => nameOfUrl('http://h/', '/t/')).toThrow('cannot determine filename for source http://h/');
  });

  it('names in the history tell what was copied', () => {
    expect(sourceName([{ kind: 'file', digest: 'd' }], 'all')).toBe('file:d');
    expect(sourceName([{ kind: 'folder', digest: 'd' }], 'all')).toBe('dir:d');
    expect(
      sourceName(
        [
          { kind: 'file', digest: 'd' },
          { kind: 'file', digest: 'e' },
        ],
        'all',
      ),
    ).toBe('multi:all');
  });
});

/** The scope at the end of a Dockerfile's only stage; its ENV is given as an image's. */
function scopeOf(
  text: string,
  given: Readonly<Record<string, string | undefined>>,
  env: readonly string[] = [],
): StageScope {
  const dockerfile = parseDockerfile(text, { name: 'Dockerfile' });
  const { before, stages } = planStages(dockerfile, '');
  const scope = stageScope(buildScope(dockerfile, new Map(Object.entries(given)), before));
  for (const step of stages[0]?.steps ?? []) declare(scope, step, { Env: env });
  return scope;
}

describe('variables', () => {
  it.each([
    ['a default', 'FROM x\nARG A=1', {}, [], '1'],
    ['a given value', 'FROM x\nARG A=1', { A: '2' }, [], '2'],
    ['none without ARG', 'FROM x', { A: '2' }, [], ''],
    ['none of before FROM without ARG', 'ARG A=1\nFROM x', {}, [], ''],
    ['that of before FROM with ARG', 'ARG A=1\nFROM x\nARG A', {}, [], '1'],
    ['its own before that of before FROM', 'ARG A=1\nFROM x\nARG A=3', {}, [], '3'],
    ['the image’s ENV before ARG', 'FROM x\nARG A=1', { A: '2' }, ['A=env'], 'env'],
    ['an empty ENV before ARG', 'FROM x\nARG A=1', {}, ['A='], ''],
    ['one ARG in another', 'FROM x\nARG B=b\nARG A=$B-1', {}, [], 'b-1'],
    ['a default where the given one has no value', 'FROM x\nARG A=1', { A: undefined }, [], '1'],
  ] as const)('A has %s', (...[, text, given, env, value]) => {
    expect(expandWord('$A', stageExpansion(scopeOf(text, given, env), { Env: env }))).toBe(value);
  });

  it('proxies are known without ARG, and the cache depends on them only with it', () => {
    const given = { HTTP_PROXY: 'p', http_proxy: 'q' };
    expect(runArgs(scopeOf('FROM x', given), {})).toEqual({ all: ['HTTP_PROXY=p', 'http_proxy=q'], key: [] });
    expect(runArgs(scopeOf('FROM x\nARG HTTP_PROXY', given), {}).key).toEqual(['HTTP_PROXY=p']);
  });

  it('RUN sees ARG in the order of names, without those that ENV hides', () => {
    const scope = scopeOf('FROM x\nARG Z=1\nARG A=2\nARG E=3\nARG NONE', {});
    expect(runArgs(scope, { Env: ['E=env'] }).all).toEqual(['A=2', 'Z=1']);
  });

  it('what nothing asked for is told, but for proxies', () => {
    expect(unusedArgs(scopeOf('FROM x\nARG A', { A: '1', B: '2', no_proxy: 'x' }))).toEqual(['B']);
  });

  it('FROM sees what stands before it, and platforms', () => {
    const scope = scopeOf('ARG A=1\nARG B=$A.2\nFROM x', {});
    expect(expandWord('img:$B-$TARGETOS', globalExpansion(scope))).toBe('img:1.2-linux');
  });
});
