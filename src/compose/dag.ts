// A directed graph of "needs" edges, generic over what its vertices and edges stand for; the one place that imports
// graphlib. graphlib's own algorithms recurse and overflow the stack on chains of a few thousand vertices, and
// a project may have those, so order and cycles are walked here, over graphlib's graph.
import { Graph } from 'graphlib';

/** A directed graph: an edge says that `from` needs `to`. Iteration follows insertion, so results are stable. */
export interface Dag<V, E = undefined> {
  /** Adds a vertex or replaces its value. */
  addVertex(id: string, value: V): void;
  /** Adds an edge between known vertices; throws a plain Error for an unknown one. */
  addEdge(from: string, to: string, value: E): void;
  /** The value of a vertex; throws a plain Error when there is none. */
  vertex(id: string): V;
  edge(from: string, to: string): E | undefined;
  has(id: string): boolean;
  ids(): readonly string[];
  /** What `id` needs directly. */
  needs(id: string): readonly string[];
  /** What needs `id` directly. */
  neededBy(id: string): readonly string[];
  /** Every vertex after all it needs. Throws a plain Error on a cycle: ask `cycles()` first. */
  order(): readonly string[];
  /** One closed walk for each group of vertices that need one another, `[a, b, a]`; empty when there is none. */
  cycles(): readonly (readonly string[])[];
  /** The given vertices and all that they need, or all that need them, transitively. */
  reach(ids: Iterable<string>, direction: 'needs' | 'neededBy'): ReadonlySet<string>;
}

/** An empty graph. */
export function createDag<V, E = undefined>(): Dag<V, E> {
  const graph = new Graph({ directed: true });
  const known = (id: string): string => {
    if (!graph.hasNode(id)) throw new Error(`no vertex "${id}"`);
    return id;
  };
  const needs = (id: string): string[] => graph.successors(id) ?? [];
  const neededBy = (id: string): string[] => graph.predecessors(id) ?? [];
  return {
    addVertex: (id, value) => void graph.setNode(id, { value }),
    addEdge: (from, to, value) => void graph.setEdge(known(from), known(to), { value }),
    vertex: (id) => (graph.node(known(id)) as { value: V }).value,
    edge: (from, to) => (graph.edge(from, to) as { value: E } | undefined)?.value,
    has: (id) => graph.hasNode(id),
    ids: () => graph.nodes(),
    needs,
    neededBy,
    order: () => {
      const { order, rest } = peel(graph.nodes(), needs, neededBy);
      if (rest.size > 0) throw new Error(`the graph has a cycle among ${[...rest].join(', ')}`);
      return order;
    },
    cycles: () => findCycles(graph.nodes(), needs, neededBy),
    reach: (ids, direction) => reach(ids, direction === 'needs' ? needs : neededBy),
  };
}

type Neighbours = (id: string) => string[];

interface Peeled {
  readonly order: string[];
  /** Vertices on a cycle, or needing one. */
  readonly rest: Set<string>;
}

/** Takes vertices off whose needs are all off, until none is left or only cycles and what needs them. */
function peel(ids: readonly string[], needs: Neighbours, neededBy: Neighbours): Peeled {
  const inside = new Set(ids);
  const open = new Map(ids.map((id) => [id, needs(id).filter((to) => inside.has(to)).length]));
  const order = ids.filter((id) => open.get(id) === 0);
  for (const done of order) {
    inside.delete(done);
    for (const next of neededBy(done)) {
      const left = open.get(next);
      if (left === undefined) continue;
      open.set(next, left - 1);
      if (left === 1) order.push(next);
    }
  }
  return { order, rest: inside };
}

function findCycles(ids: readonly string[], needs: Neighbours, neededBy: Neighbours): string[][] {
  const cycles: string[][] = [];
  let { rest } = peel(ids, needs, neededBy);
  while (rest.size > 0) {
    const cycle = walkCycle(rest, needs);
    cycles.push(cycle);
    const group = groupOf(cycle, rest, needs, neededBy);
    rest = peel(
      [...rest].filter((id) => !group.has(id)),
      needs,
      neededBy,
    ).rest;
  }
  return cycles;
}

/** Follows needs inside `rest`, where each vertex has one, until a vertex comes again. */
function walkCycle(rest: ReadonlySet<string>, needs: Neighbours): string[] {
  const path: string[] = [];
  const seenAt = new Map<string, number>();
  let at = [...rest][0];
  while (at !== undefined && !seenAt.has(at)) {
    seenAt.set(at, path.length);
    path.push(at);
    at = needs(at).find((to) => rest.has(to));
  }
  return at === undefined ? path : [...path.slice(seenAt.get(at)), at];
}

/** All that needs the cycle and is needed by it: its strongly connected component. */
function groupOf(
  cycle: readonly string[],
  rest: ReadonlySet<string>,
  needs: Neighbours,
  neededBy: Neighbours,
): Set<string> {
  const within = (next: Neighbours) => (id: string) => next(id).filter((to) => rest.has(to));
  const below = reach(cycle, within(needs));
  return new Set([...reach(cycle, within(neededBy))].filter((id) => below.has(id)));
}

function reach(ids: Iterable<string>, next: Neighbours): Set<string> {
  const seen = new Set(ids);
  for (const id of seen) for (const to of next(id)) seen.add(to);
  return seen;
}
