// Circles of dependencies, with the lines that make them.
import type { Problems } from './problems.ts';
import type { Origin } from './source.ts';
import { createDag, type Dag } from './dag.ts';
import { entriesOf, get, type Tree } from './tree.ts';

/** Reports each circle of dependencies among the services of a model, with the line of every step. */
export function checkCycles(model: Tree, problems: Problems): void {
  const dag = createDag<undefined, Origin>();
  const services = [...entriesOf(get(model, 'services'))];
  for (const [name] of services) dag.addVertex(name, undefined);
  for (const [name, { value }] of services)
    for (const [needed, { key }] of entriesOf(get(value, 'depends_on')))
      if (dag.has(needed)) dag.addEdge(name, needed, key);
  for (const cycle of dag.cycles()) reportCycle(cycle, dag, problems);
}

function reportCycle(cycle: readonly string[], dag: Dag<undefined, Origin>, problems: Problems): void {
  const steps = cycle.slice(0, -1).flatMap((from, index) => {
    const to = cycle[index + 1] ?? '';
    const origin = dag.edge(from, to);
    return origin ? [{ message: `${from} needs ${to}`, origin }] : [];
  });
  if (cycle.length === 2) {
    const hint = 'take it out';
    problems.error('compose/dependency-cycle', `services.${cycle[0] ?? ''} depends on itself`, steps[0]?.origin, {
      hint,
    });
    return;
  }
  const message = `services depend on each other in a circle: ${cycle.join(' -> ')}`;
  problems.error('compose/dependency-cycle', message, steps[0]?.origin, {
    related: steps,
    hint: 'take one of these lines out',
  });
}
