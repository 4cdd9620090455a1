// The graph that orders services and plans.
import { describe, expect, it } from 'vitest';
import { createDag, type Dag } from '../../../src/compose/dag.ts';

function dag(...edges: readonly string[]): Dag<undefined> {
  const graph = createDag<undefined>();
  for (const edge of edges) for (const id of edge.split('>')) if (!graph.has(id)) graph.addVertex(id, undefined);
  for (const edge of edges) {
    const [from = '', to] = edge.split('>');
    if (to !== undefined) graph.addEdge(from, to, undefined);
  }
  return graph;
}

describe('createDag', () => {
  it('orders every vertex after all it needs', () => {
    expect(dag('a>b', 'b>c', 'a>c', 'd').order()).toEqual(['c', 'd', 'b', 'a']);
  });

  it('finds what is needed, and what needs', () => {
    const graph = dag('a>b', 'b>c', 'x>c', 'y');
    expect([...graph.reach(['a'], 'needs')]).toEqual(['a', 'b', 'c']);
    expect([...graph.reach(['c'], 'neededBy')]).toEqual(['c', 'b', 'x', 'a']);
  });

  it.each<[string, string[], string[][]]>([
    ['none', ['a>b'], []],
    ['itself', ['a>a'], [['a', 'a']]],
    ['two', ['a>b', 'b>a'], [['a', 'b', 'a']]],
    ['behind a tail', ['t>a', 'a>b', 'b>c', 'c>a'], [['a', 'b', 'c', 'a']]],
    [
      'two circles',
      ['a>b', 'b>a', 'c>d', 'd>c'],
      [
        ['a', 'b', 'a'],
        ['c', 'd', 'c'],
      ],
    ],
    [
      'a circle that leads into another',
      ['a>b', 'b>a', 'b>c', 'c>d', 'd>c'],
      [
        ['a', 'b', 'a'],
        ['c', 'd', 'c'],
      ],
    ],
  ])('cycles: %s', (_, edges, expected) => {
    expect(dag(...edges).cycles()).toEqual(expected);
  });

  it('throws for an order of a circle and for unknown vertices', () => {
    expect(() => dag('a>b', 'b>a').order()).toThrow('cycle among a, b');
    expect(() => dag('a').vertex('b')).toThrow('no vertex "b"');
    expect(() => dag('a').addEdge('a', 'b', undefined)).toThrow('no vertex "b"');
  });

  it('keeps values of vertices and edges', () => {
    const graph = createDag<number, string>();
    graph.addVertex('a', 1);
    graph.addVertex('b', 2);
    graph.addEdge('a', 'b', 'why');
    expect([graph.vertex('b'), graph.edge('a', 'b'), graph.edge('b', 'a')]).toEqual([2, 'why', undefined]);
  });

  it('does not recurse: chains and circles of 20,000', () => {
    const chain = Array.from({ length: 20_000 }, (_, index) => `v${index}>v${index + 1}`);
    expect(dag(...chain).order()[0]).toBe('v20000');
    expect(dag(...chain, 'v20000>v0').cycles()).toHaveLength(1);
  });
});
