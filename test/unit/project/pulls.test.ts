// Which images are pulled, by the policy of a service, the flag, and what is there.
import { describe, expect, it } from 'vitest';
import type { Service } from '../../../src/compose/model/service.ts';
import type { Project } from '../../../src/compose/model/project.ts';
import { planPulls, pullChoice, withPulls, type PullFlag } from '../../../src/project/pulls.ts';

const HOUR = 3_600_000;
const NOW = 1000 * HOUR;

function service(extra: Partial<Service>, name = 'web'): Service {
  return { name, image: 'app:1', ...extra };
}

function project(...services: readonly Service[]): Project {
  return { name: 'p', services: Object.fromEntries(services.map((each) => [each.name, each])) } as unknown as Project;
}

/** What is known of `app:1`, tagged some hours ago; -1: it is not there. */
function known(hours: number): Parameters<typeof planPulls>[1] {
  if (hours < 0) return { images: new Map(), now: NOW };
  return { images: new Map([['app:1', 'id']]), taggedAt: new Map([['app:1', NOW - hours * HOUR]]), now: NOW };
}

describe('before up', () => {
  it.each<[string | undefined, PullFlag | undefined, number, string | undefined]>([
    [undefined, undefined, -1, 'the image is not here'],
    [undefined, undefined, 9999, undefined],
    ['missing', undefined, -1, 'the image is not here'],
    ['always', undefined, 1, 'its pull policy is always'],
    ['never', undefined, -1, undefined],
    ['build', undefined, -1, undefined],
    ['daily', undefined, 23, undefined],
    ['daily', undefined, 25, 'it is older than its pull policy daily allows'],
    ['weekly', undefined, 24 * 6, undefined],
    ['weekly', undefined, 24 * 8, 'it is older than its pull policy weekly allows'],
    ['every_12h', undefined, 13, 'it is older than its pull policy every_12h allows'],
    ['daily', undefined, -1, 'the image is not here'],
    ['never', 'always', 1, '--pull always was given'],
    ['always', 'never', -1, undefined],
    ['always', 'missing', 1, undefined],
    ['daily', 'missing', 25, undefined],
  ])('policy %s, flag %s, %d hours old: %s', (policy, flag, hours, cause) => {
    const one = service(policy === undefined ? {} : { pull_policy: policy });
    const plan = planPulls(project(one), known(hours), flag);
    expect(plan.operations.map((operation) => operation.cause)).toEqual(cause === undefined ? [] : [cause]);
  });

  it('pulls an image of two services once, and none that is built here', () => {
    const built = service({ image: 'own', build: { context: '.' } }, 'b');
    const user = service({ image: 'own' }, 'c');
    const plan = planPulls(project(service({}), service({}, 'a'), built, user), known(-1));
    expect(plan.operations.map(({ id }) => id)).toEqual(['pull app:1']);
  });

  it('stands before the containers that need it', () => {
    const pulls = planPulls(project(service({})), known(-1));
    const create = { kind: 'create', container: 'p-web-1', body: { Image: 'app:1' } } as const;
    const operation = { id: 'create p-web-1', action: create, cause: '', needs: [], service: 'web' };
    const plan = withPulls(pulls, { project: 'p', operations: [operation], notices: [] });
    expect(plan.operations.map(({ id, needs }) => [id, needs])).toEqual([
      ['pull app:1', []],
      ['create p-web-1', ['pull app:1']],
    ]);
  });
});

describe('the verb pull', () => {
  it.each([
    [{}, undefined, 1, 'pull'],
    [{ pull_policy: 'never' }, undefined, -1, 'skip'],
    [{ pull_policy: 'build' }, undefined, -1, 'skip'],
    [{ pull_policy: 'missing' }, undefined, 1, 'skip'],
    [{ pull_policy: 'missing' }, undefined, -1, 'pull'],
    [{ pull_policy: 'missing' }, 'always', 1, 'pull'],
    [{}, 'missing', 1, 'skip'],
    [{ image: undefined }, undefined, 1, 'skip'],
  ] as const)('%j with --policy %s: %s', (extra, policy, hours, what) => {
    const choice = pullChoice(service(extra as Partial<Service>), known(hours), { policy });
    expect(Object.keys(choice)).toEqual([what]);
  });
});
