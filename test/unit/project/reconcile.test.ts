// What `up` plans for a difference between files and engine, one difference a row.
import { describe, expect, it } from 'vitest';
import { reconcile } from '../../../src/project/reconcile.ts';
import type { UpOptions } from '../../../src/project/reconcile-context.ts';
import type { Observed } from '../../../src/project/observed.ts';
import { ids, isBefore, needs, needsOf, nothing, observed, project, service, upToDate } from '../../support/project.ts';

const WEB_DB = project([service('web', { depends_on: { db: needs() } }), service('db')]);

describe('a new project', () => {
  const plan = reconcile(WEB_DB, nothing());

  it('makes the network, the containers, and starts them', () => {
    expect(ids(plan).toSorted()).toEqual([
      'create p-db-1',
      'create p-web-1',
      'create-network p_default',
      'start p-db-1',
      'start p-web-1',
    ]);
  });

  it('waits for the network only where it is used, and for dependencies only to start', () => {
    expect(needsOf(plan, 'create p-web-1')).toEqual(['create-network p_default']);
    expect(needsOf(plan, 'start p-web-1').toSorted()).toEqual(['create p-web-1', 'start p-db-1']);
    expect(needsOf(plan, 'start p-db-1')).toEqual(['create p-db-1']);
  });

  it('says why', () => {
    expect(plan.operations.find((at) => at.id === 'create p-db-1')?.cause).toBe('service "db" has no container');
  });
});

it('plans nothing when all is as it should be', () => {
  expect(ids(reconcile(WEB_DB, upToDate(WEB_DB)))).toEqual([]);
});

it('gives the same plan for the same input', () => {
  expect(reconcile(WEB_DB, nothing())).toEqual(reconcile(WEB_DB, nothing()));
});

describe('one difference', () => {
  interface Row {
    readonly title: string;
    readonly have: Observed;
    readonly want?: typeof WEB_DB;
    readonly options?: UpOptions;
    readonly plan: readonly string[];
  }
  const changed = upToDate(WEB_DB, (at) => (at.service === 'web' ? { ...at, hash: 'other' } : at));
  const remadeWeb = [
    `create ${'web1'.padEnd(12, '0')}_p-web-1`,
    'stop p-web-1',
    'remove p-web-1',
    'rename p-web-1',
    'start p-web-1',
  ];
  const rows: readonly Row[] = [
    { title: 'a changed service is recreated', have: changed, plan: remadeWeb },
    { title: 'a changed service is kept with --no-recreate', have: changed, options: { noRecreate: true }, plan: [] },
    {
      title: 'an exited container is started again',
      have: upToDate(WEB_DB, (at) => (at.service === 'db' ? { ...at, state: 'exited' } : at)),
      plan: ['start p-db-1'],
    },
    {
      title: 'a paused container goes on',
      have: upToDate(WEB_DB, (at) => (at.service === 'db' ? { ...at, state: 'paused' } : at)),
      plan: ['start p-db-1'],
    },
    {
      title: 'a moved image tag recreates',
      have: {
        ...upToDate(WEB_DB, (at) =>
          at.service === 'db' ? at : { ...at, labels: { ...at.labels, 'com.docker.compose.image': 'sha256:old' } },
        ),
      },
      plan: remadeWeb,
    },
    {
      title: 'a network made anew recreates what is on the old one',
      have: upToDate(WEB_DB, (at) => (at.service === 'web' ? { ...at, networks: { p_default: 'gone' } } : at)),
      plan: remadeWeb,
    },
    {
      title: 'scaling up makes further replicas behind the highest number',
      have: {
        ...upToDate(WEB_DB),
        containers: [observed(WEB_DB, service('db'), 3), ...upToDate(WEB_DB).containers.slice(0, 1)],
      },
      options: { scale: { db: 2 } },
      plan: ['create p-db-4', 'start p-db-4'],
    },
    {
      title: 'scaling down removes the highest numbers',
      have: {
        ...upToDate(WEB_DB),
        containers: [1, 2, 3]
          .map((number) => observed(WEB_DB, service('db'), number))
          .concat(upToDate(WEB_DB).containers.slice(0, 1)),
      },
      options: { scale: { db: 1 } },
      plan: ['stop p-db-2', 'remove p-db-2', 'stop p-db-3', 'remove p-db-3'],
    },
    {
      title: 'orphans are removed when asked',
      have: {
        ...upToDate(WEB_DB),
        containers: [...upToDate(WEB_DB).containers, { ...observed(WEB_DB, service('old'), 1) }],
      },
      options: { removeOrphans: true },
      plan: ['stop p-old-1', 'remove p-old-1'],
    },
  ];

  it.each(rows)('$title', ({ have, want, options, plan }) => {
    expect(ids(reconcile(want ?? WEB_DB, have, options)).toSorted()).toEqual(plan.toSorted());
  });

  it('orphans are only said otherwise', () => {
    const have = {
      ...upToDate(WEB_DB),
      containers: [...upToDate(WEB_DB).containers, observed(WEB_DB, service('old'), 1)],
    };
    const plan = reconcile(WEB_DB, have);
    expect(plan.operations).toEqual([]);
    expect(plan.notices.filter((notice) => notice.warning)).toHaveLength(1);
    expect(plan.notices.some((notice) => notice.text.includes('p-old-1'))).toBe(true);
  });
});

describe('conditions', () => {
  it('a dependent starts after the wait, the wait after the start', () => {
    const of = project([service('web', { depends_on: { db: needs('service_healthy') } }), service('db')]);
    const plan = reconcile(of, nothing());
    expect(needsOf(plan, 'start p-web-1')).toContain('wait p-db-1 healthy');
    expect(needsOf(plan, 'wait p-db-1 healthy')).toEqual(['start p-db-1']);
    expect(needsOf(plan, 'create p-web-1')).toEqual(['create-network p_default']);
  });

  it('two dependents share one wait', () => {
    const depends_on = { job: needs('service_completed_successfully') };
    const of = project([service('a', { depends_on }), service('b', { depends_on }), service('job')]);
    expect(ids(reconcile(of, nothing())).filter((id) => id.startsWith('wait'))).toEqual(['wait p-job-1 completed']);
  });

  it('who can do without shares no wait with who cannot', () => {
    const needed = needs('service_healthy');
    const of = project([
      service('a', { depends_on: { db: { ...needed, required: false } } }),
      service('b', { depends_on: { db: needed } }),
      service('db'),
    ]);
    const plan = reconcile(of, nothing());
    expect(needsOf(plan, 'start p-a-1')).toContain('wait p-db-1 healthy if it can be');
    expect(needsOf(plan, 'start p-b-1')).toContain('wait p-db-1 healthy');
  });

  it('order holds across a service that runs already', () => {
    const of = project([
      service('a', { depends_on: { b: needs() } }),
      service('b', { depends_on: { c: needs() } }),
      service('c'),
    ]);
    const have = upToDate(of, (at) => (at.service === 'b' ? at : { ...at, state: 'exited' }));
    expect(needsOf(reconcile(of, have), 'start p-a-1')).toEqual(['start p-c-1']);
  });
});

describe('recreating', () => {
  it('creates before it stops, and renames last', () => {
    const have = upToDate(WEB_DB, (at) => ({ ...at, hash: 'other' }));
    const plan = reconcile(WEB_DB, have);
    const create = `create ${'db1'.padEnd(12, '0')}_p-db-1`;
    expect(isBefore(plan, create, 'stop p-db-1')).toBe(true);
    expect(isBefore(plan, 'remove p-db-1', 'rename p-db-1')).toBe(true);
    expect(isBefore(plan, 'rename p-db-1', 'start p-db-1')).toBe(true);
  });

  it('stops what follows its dependency first, and starts it again', () => {
    const of = project([service('web', { depends_on: { db: needs('service_started', true) } }), service('db')]);
    const have = upToDate(of, (at) => (at.service === 'db' ? { ...at, hash: 'other' } : at));
    const plan = reconcile(of, have);
    expect(isBefore(plan, 'stop p-web-1', 'stop p-db-1')).toBe(true);
    expect(isBefore(plan, 'start p-db-1', 'start p-web-1')).toBe(true);
    expect(ids(plan)).not.toContain('remove p-web-1');
  });

  it('makes what shares a namespace again, too', () => {
    const of = project([
      service('a'),
      service('b', { networks: {}, network_mode: 'service:a', depends_on: { a: needs() } }),
    ]);
    const have = upToDate(of, (at) => (at.service === 'a' ? { ...at, hash: 'other' } : at));
    expect(ids(reconcile(of, have))).toContain('rename p-b-1');
  });

  it('keeps anonymous volumes by name, unless asked for new ones', () => {
    const volume = 'f'.repeat(64);
    const of = project([service('db', { volumes: [{ type: 'volume', target: '/anon' }] })]);
    const have = upToDate(of, (at) => ({
      ...at,
      hash: 'other',
      mounts: [
        { type: 'volume', name: volume, target: '/anon' },
        { type: 'volume', name: volume, target: '/image' },
      ],
    }));
    const mounts = (options: UpOptions): unknown => {
      const create = reconcile(of, have, options).operations.find((at) => at.action.kind === 'create');
      return create?.action.kind === 'create'
        ? create.action.body.HostConfig?.Mounts?.map((mount) => [mount.Target, mount.Source])
        : undefined;
    };
    expect(mounts({})).toEqual([
      ['/anon', volume],
      ['/image', volume],
    ]);
    expect(mounts({ renewAnonVolumes: true })).toEqual([['/anon', undefined]]);
  });
});

describe('older engines', () => {
  it('join further networks after creation, before the start', () => {
    const of = project([service('a', { networks: { default: null, back: null } })], {
      networks: { default: { name: 'p_default' }, back: { name: 'p_back' } },
    });
    const plan = reconcile(of, { ...nothing(), apiVersion: '1.41' });
    expect(isBefore(plan, 'connect p-a-1 p_default', 'start p-a-1')).toBe(true);
    expect(ids(reconcile(of, nothing())).some((id) => id.startsWith('connect'))).toBe(false);
  });
});

describe('what cannot be met is refused before anything is done', () => {
  it('a missing external network', () => {
    const of = project([service('a')], { networks: { default: { name: 'outside', external: true } } });
    expect(() => reconcile(of, nothing())).toThrow('network outside declared as external, but could not be found');
  });

  it('more than one container of one name', () => {
    const of = project([service('a', { container_name: 'only', scale: 2 })]);
    expect(() => reconcile(of, nothing())).toThrow(/container_name/);
  });
});
