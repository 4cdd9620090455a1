// Where values stand in files, names of images, words for people.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ImageSummary } from '../../../src/api/objects.ts';
import { explainPlan } from '../../../src/project/explain.ts';
import { familiarName, sameImage } from '../../../src/project/image-names.ts';
import { locateValue } from '../../../src/project/locate.ts';
import { inOrder, PlanBuilder, type Operation } from '../../../src/project/plan.ts';
import { subjectOf, wordsOf } from '../../../src/project/progress.ts';
import { reconcile } from '../../../src/project/reconcile.ts';
import { nothing, project, service } from '../../support/project.ts';

describe('places of values', () => {
  it('are looked for below the key of the service', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'locate-'));
    const file = join(folder, 'compose.yaml');
    await writeFile(
      file,
      'services:\n  other:\n    image: x:1\n  "web":\n    # image: x:1\n    build: .\n    image: x:1\n  third: {image: y}\n',
    );
    const of = project([], { compose_files: ['-', file] });
    expect(await locateValue(of, 'web', 'x:1')).toEqual({
      range: { file, line: 7, column: 12, length: 3 },
      sourceLine: '    image: x:1',
    });
    expect(await locateValue(of, 'third', 'y')).toMatchObject({ range: { line: 8 } });
    expect(await locateValue(of, 'web', 'nothing')).toBeUndefined();
    await rm(folder, { recursive: true });
  });
});

it.each([
  ['busybox', 'busybox:latest'],
  ['docker.io/library/busybox', 'busybox:latest'],
  ['localhost:5000/a', 'localhost:5000/a:latest'],
  ['a/b:1', 'a/b:1'],
  ['a@sha256:1', 'a@sha256:1'],
])('%s is %s', (reference, name) => {
  expect(familiarName(reference)).toBe(name);
});

it('an image is found by any spelling of its tag', () => {
  const image = { RepoTags: ['docker.io/library/busybox:latest'] } as unknown as ImageSummary;
  expect(sameImage(image, 'busybox')).toBe(true);
  expect(sameImage(image, 'busybox:1')).toBe(false);
  expect(sameImage({ RepoTags: null } as unknown as ImageSummary, 'busybox')).toBe(false);
});

it('a plan explains itself, step by step', () => {
  const text = explainPlan(reconcile(project([service('a')]), nothing()));
  expect(text).toBe(
    '1. create-network p_default  it does not exist\n' +
      '2. create p-a-1              service "a" has no container  (after 1)\n' +
      '3. start p-a-1               it is new  (after 2)\n',
  );
});

describe('plans', () => {
  const operation = (id: string, needs: readonly string[]): Operation => ({
    id,
    needs,
    cause: '',
    service: '',
    action: { kind: 'start', container: id, options: {} },
  });

  it('a circle is a mistake of ours', () => {
    expect(() => inOrder([operation('a', ['b']), operation('b', ['a'])])).toThrow('the plan has a cycle');
  });

  it('two operations of one id are one, and needs without operation are dropped', () => {
    const plan = new PlanBuilder();
    plan.add(operation('a', []));
    plan.add(operation('b', ['gone']));
    plan.add(operation('b', ['a']));
    expect(plan.build('p').operations.map(({ id, needs }) => [id, needs])).toEqual([
      ['a', []],
      ['b', ['a']],
    ]);
  });
});

it('a replacement shows as one thing: Recreate, then Recreated', () => {
  const base = { id: 'x', cause: '', needs: [], service: 'a' };
  const create: Operation = {
    ...base,
    action: { kind: 'create', container: 'tmp_p-a-1', body: {}, replaces: 'id' },
    shownAs: 'p-a-1',
  };
  const stop: Operation = { ...base, action: { kind: 'stop', container: 'p-a-1', options: {} }, shownAs: 'p-a-1' };
  const rename: Operation = {
    ...base,
    action: { kind: 'rename', container: 'tmp_p-a-1', to: 'p-a-1' },
    shownAs: 'p-a-1',
  };
  expect([create, stop, rename].map(wordsOf)).toEqual([{ working: 'Recreate' }, {}, { done: 'Recreated' }]);
  expect([create, stop, rename].map(subjectOf)).toEqual(['Container p-a-1', 'Container p-a-1', 'Container p-a-1']);
});
