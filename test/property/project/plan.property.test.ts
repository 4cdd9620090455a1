// For any project: plans are the same each time, respect every edge, and nothing begins before what it needs is done.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Project } from '../../../src/compose/model/project.ts';
import { reconcile } from '../../../src/project/reconcile.ts';
import { runGraph } from '../../../src/project/run-graph.ts';
import type { ObservedContainer, Observed } from '../../../src/project/observed.ts';
import { isBefore, needs, nothing, project, service, upToDate } from '../../support/project.ts';

const CONDITIONS = ['service_started', 'service_healthy', 'service_completed_successfully'] as const;

/** Services s0…sN, each needing only earlier ones, so that there is no circle. */
const projects: fc.Arbitrary<Project> = fc
  .array(
    fc.record({
      edges: fc.array(fc.tuple(fc.nat(20), fc.constantFrom(...CONDITIONS), fc.boolean()), { maxLength: 3 }),
      scale: fc.integer({ min: 1, max: 2 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((rows) =>
    project(
      rows.map(({ edges, scale }, index) => {
        const depends = edges
          .filter(() => index > 0)
          .map(([to, condition, restart]) => [`s${to % index}`, needs(condition, restart)] as const);
        return service(`s${index}`, { scale, depends_on: Object.fromEntries(depends) });
      }),
    ),
  );

const changes = fc.array(
  fc.constantFrom<(at: ObservedContainer) => ObservedContainer | undefined>(
    (at) => at,
    () => undefined,
    (at) => ({ ...at, state: 'exited' }),
    (at) => ({ ...at, hash: 'other' }),
    (at) => ({ ...at, state: 'exited', hash: 'other' }),
  ),
  { minLength: 1, maxLength: 16 },
);

const states: fc.Arbitrary<readonly [Project, Observed]> = fc
  .tuple(projects, changes, fc.boolean())
  .map(([of, change, isNew]) => {
    if (isNew) return [of, nothing()] as const;
    const have = upToDate(of);
    const containers = have.containers
      .map((at, index) => change[index % change.length]?.(at))
      .filter((at) => at !== undefined);
    return [of, { ...have, containers }] as const;
  });

it('same input, same plan', () => {
  fc.assert(
    fc.property(states, ([of, have]) => {
      expect(reconcile(of, have)).toEqual(reconcile(of, have));
    }),
  );
});

it('every start is behind the starts of all it depends on', () => {
  fc.assert(
    fc.property(states, ([of, have]) => {
      const plan = reconcile(of, have);
      const starts = plan.operations.filter((at) => at.action.kind === 'start');
      for (const start of starts) {
        for (const dependency of Object.keys(of.services[start.service]?.depends_on ?? {})) {
          for (const other of starts.filter((at) => at.service === dependency))
            expect(isBefore(plan, other.id, start.id)).toBe(true);
        }
      }
    }),
  );
});

it('an engine that is as planned needs nothing more', () => {
  fc.assert(
    fc.property(projects, (of) => {
      expect(reconcile(of, upToDate(of)).operations).toEqual([]);
    }),
  );
});

it('no operation begins before what it needs is done, under any timing', async () => {
  await fc.assert(
    fc.asyncProperty(states, fc.scheduler(), fc.integer({ min: 1, max: 4 }), async ([of, have], scheduler, limit) => {
      const plan = reconcile(of, have);
      const done = new Set<string>();
      const run = runGraph(plan.operations, {
        limit,
        run: async (operation) => {
          for (const id of operation.needs) expect(done.has(id)).toBe(true);
          await scheduler.schedule(Promise.resolve(), operation.id);
          done.add(operation.id);
        },
      });
      await scheduler.waitFor(run);
      expect((await run).done).toHaveLength(plan.operations.length);
    }),
    { numRuns: 60 },
  );
});
