// Plans of stop, start, restart, rm and down.
import { describe, expect, it } from 'vitest';
import { labelledNeeds } from '../../../src/project/order.ts';
import { planDown, planEach, planRemovals, planStartAgain, planStops } from '../../../src/project/verbs.ts';
import { ids, isBefore, needs, needsOf, project, service, upToDate } from '../../support/project.ts';

const OF = project(
  [
    service('web', { depends_on: { api: needs() } }),
    service('api', { depends_on: { db: needs('service_healthy') } }),
    service('db'),
    service('other'),
  ],
  { volumes: { data: { name: 'p_data' } } },
);
const have = upToDate(OF);
const input = { project: 'p', containers: have.containers, needs: labelledNeeds(have.containers) };
const down = { ...input, observed: have, partial: false, volumes: false, images: [] };

describe('stop', () => {
  it('stops dependents first and others side by side', () => {
    const plan = planStops(input);
    expect(isBefore(plan, 'stop p-web-1', 'stop p-db-1')).toBe(true);
    expect(needsOf(plan, 'stop p-web-1')).toEqual([]);
    expect(needsOf(plan, 'stop p-other-1')).toEqual([]);
  });

  it('keeps the order across one that is stopped already', () => {
    const containers = have.containers.filter((container) => container.service !== 'api');
    const api = have.containers
      .filter((container) => container.service === 'api')
      .map((at) => ({ ...at, state: 'exited' as const }));
    const plan = planStops({ ...input, containers: [...containers, ...api] });
    expect(needsOf(plan, 'stop p-db-1')).toEqual(['stop p-web-1']);
  });
});

describe('down', () => {
  it('removes networks behind the containers on them, and keeps volumes', () => {
    const plan = planDown(down);
    for (const name of ['web', 'api', 'db', 'other']) {
      expect(isBefore(plan, `remove p-${name}-1`, 'remove-network p_default')).toBe(true);
    }
    expect(ids(plan)).not.toContain('remove-volume p_data');
  });

  it('does not wait for the removal of a dependent to stop a dependency', () => {
    expect(needsOf(planDown(down), 'stop p-db-1').toSorted()).toEqual(['stop p-api-1', 'stop p-web-1']);
  });

  it('removes volumes with -v, last', () => {
    expect(isBefore(planDown({ ...down, volumes: true }), 'remove p-db-1', 'remove-volume p_data')).toBe(true);
  });

  it('kills and removes in one call when there is no time to stop in, dependents first', () => {
    const plan = planDown({ ...down, timeout: 0 });
    expect(ids(plan).some((id) => id.startsWith('stop'))).toBe(false);
    expect(needsOf(plan, 'remove p-db-1').toSorted()).toEqual(['remove p-api-1', 'remove p-web-1']);
  });

  it('leaves networks to the others when services are named', () => {
    expect(ids(planDown({ ...down, partial: true })).some((id) => id.startsWith('remove-network'))).toBe(false);
  });

  it('removes what does not run without stopping it', () => {
    const containers = have.containers.map((at) => ({ ...at, state: 'exited' as const }));
    expect(ids(planDown({ ...down, containers })).some((id) => id.startsWith('stop'))).toBe(false);
  });
});

it('start waits for health where a dependent asks for it', () => {
  const containers = have.containers.map((at) => ({ ...at, state: 'exited' as const }));
  const plan = planStartAgain({ ...input, containers });
  expect(needsOf(plan, 'start p-api-1')).toEqual(['wait p-db-1 healthy']);
  expect(needsOf(plan, 'start p-web-1')).toEqual(['start p-api-1']);
});

it('start waits for all in the end on --wait', () => {
  const plan = planStartAgain(input, { wait: true });
  expect(plan.operations.map(({ id, needs }) => ({ id, needs }))).toContainEqual({
    id: 'wait p-web-1 ready',
    needs: [],
  });
  const containers = have.containers.map((at) => ({ ...at, state: 'exited' as const }));
  const stopped = planStartAgain({ ...input, containers }, { wait: true });
  expect(needsOf(stopped, 'wait p-web-1 ready')).toEqual(['start p-web-1']);
});

it('restart keeps the order, kill needs none', () => {
  expect(needsOf(planEach(input, 'restart'), 'restart p-web-1')).toEqual(['restart p-api-1']);
  expect(planEach(input, 'kill').operations.every((operation) => operation.needs.length === 0)).toBe(true);
});

it('rm takes only what is stopped, unless it stops first', () => {
  expect(ids(planRemovals(input, { volumes: false, stop: false }))).toEqual([]);
  expect(ids(planRemovals(input, { volumes: false, stop: true }))).toContain('remove p-db-1');
});

it('labels that go in a circle order nothing', () => {
  const label = (to: string): Record<string, string> => ({
    'com.docker.compose.depends_on': `${to}:service_started:false`,
  });
  const containers = have.containers
    .filter((at) => at.service === 'db' || at.service === 'other')
    .map((at) => ({ ...at, labels: label(at.service === 'db' ? 'other' : 'db') }));
  expect(ids(planStops({ project: 'p', containers, needs: labelledNeeds(containers) })).toSorted()).toEqual([
    'stop p-db-1',
    'stop p-other-1',
  ]);
});
