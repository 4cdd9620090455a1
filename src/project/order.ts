// Dependencies between services, from the model or, without files, from the labels of containers.
import { createDag } from '../compose/dag.ts';
import type { Project } from '../compose/model/project.ts';
import type { DependencyCondition } from '../compose/model/service-parts.ts';
import { LABEL } from './labels.ts';
import type { ObservedContainer } from './observed.ts';

/** One edge: what a service needs of another. */
export interface Need {
  readonly service: string;
  readonly condition: DependencyCondition;
  readonly restart: boolean;
  readonly required: boolean;
}

/** Needs by service. Services that are only needed have an entry, too. */
export type Needs = ReadonlyMap<string, readonly Need[]>;

/** The needs the files declare, between enabled services. */
export function declaredNeeds(project: Project): Needs {
  const needs = Object.values(project.services).map((service) => {
    const all = Object.entries(service.depends_on ?? {}).filter(([name]) => name in project.services);
    const edges = all.map(([name, edge]) => ({ ...edge, service: name, restart: edge.restart ?? false }));
    return [service.name, edges] as const;
  });
  return new Map(needs);
}

/** The needs that the labels of containers tell of. */
export function labelledNeeds(containers: readonly ObservedContainer[]): Needs {
  const labels = containers.map((at) => [at.service, at.labels[LABEL.dependsOn] ?? ''] as const);
  return acyclic(new Map(labels.map(([service, label]) => [service, parseLabel(label)])));
}

/** Services with each behind all it needs. */
export function serviceOrder(needs: Needs): readonly string[] {
  const dag = createDag<undefined>();
  for (const name of needs.keys()) dag.addVertex(name, undefined);
  for (const [name, edges] of needs) {
    for (const edge of edges) if (dag.has(edge.service)) dag.addEdge(name, edge.service, undefined);
  }
  return dag.order();
}

/** For each service all that need it, directly or through others. */
export function dependents(needs: Needs): ReadonlyMap<string, ReadonlySet<string>> {
  const edges = [...needs].flatMap(([from, list]) => list.map((need) => ({ from, to: need.service })));
  const direct = Map.groupBy(edges, (edge) => edge.to);
  const above = (name: string): ReadonlySet<string> => {
    const seen = new Set((direct.get(name) ?? []).map((edge) => edge.from));
    for (const at of seen) for (const edge of direct.get(at) ?? []) seen.add(edge.from);
    return seen;
  };
  return new Map([...direct.keys()].map((name) => [name, above(name)]));
}

/** Needs without those that would make a circle: labels may hold anything. */
function acyclic(needs: Needs): Needs {
  const above = dependents(needs);
  const inCircle = (name: string): boolean => above.get(name)?.has(name) === true;
  return new Map([...needs].map(([name, list]) => [name, inCircle(name) ? [] : list]));
}

/** `db:service_healthy:false,cache:service_started:true`. */
function parseLabel(label: string): readonly Need[] {
  return label
    .split(',')
    .filter((part) => part !== '')
    .map((part) => {
      const [service = '', condition = 'service_started', restart = 'false'] = part.split(':');
      return { service, condition: condition as DependencyCondition, restart: restart === 'true', required: true };
    });
}
