// Which part may import which, and the one home of each thing that must not spread. A reason stands beside each rule.
import { beforeAll, describe, expect, it } from 'vitest';
import { sourcesIn, type Source } from './sources.ts';

/** Layers by folder: what each may import beside itself. */
const LAYERS: Readonly<Record<string, { readonly may: readonly string[]; readonly why: string }>> = {
  base: { may: [], why: 'everything stands on it' },
  api: { may: ['base'], why: 'declarations that both sides share' },
  client: { may: ['base', 'api'], why: 'usable without compose, and against any engine' },
  compose: { may: ['base', 'api'], why: 'text in, model out: no engine knowledge' },
  project: { may: ['base', 'api', 'client', 'compose'], why: 'decides; the command line only draws' },
  watch: { may: ['base', 'api', 'client', 'compose', 'project'], why: 'feeds changes into the same path as up' },
  cli: {
    may: ['base', 'api', 'client', 'compose', 'project', 'watch'],
    why: 'the front end meets the engine only by its API',
  },
  engine: { may: ['base', 'api'], why: 'the engine knows nothing of compose and serves any client' },
};

/** Things with one home. */
const HOMES: readonly { readonly what: RegExp; readonly homes: readonly string[]; readonly why: string }[] = [
  {
    what: /^import (?!type ).*'(node:)?child_process'|'execa'/m,
    homes: ['src/base/process.ts'],
    why: 'one place decides about shells, caps and signals',
  },
  { what: /\bprocess\.env\b/, homes: ['src/base/env.ts'], why: 'what a function reads is what it is handed' },
  { what: /\bconsole\./, homes: [], why: 'results, progress and logs have channels of their own' },
  {
    what: /\bprocess\.exit\(/,
    homes: ['src/cli/main.ts', 'src/engine/main.ts'],
    why: 'only an entry may end the process',
  },
  { what: /from 'chokidar'|import\('chokidar'\)/, homes: ['src/watch/'], why: 'watching is one area' },
  { what: /from 'yaml'/, homes: ['src/compose/'], why: 'only the loader knows YAML' },
  {
    what: /from 'graphlib'/,
    homes: ['src/compose/graph.ts', 'src/compose/dag.ts'],
    why: 'the graph library can be changed in one place',
  },

  {
    what: /import\('node:/,
    homes: [],
    why: 'the bundle is run by node:vm, which has no import(); process.getBuiltinModule has',
  },
  { what: /from 'node:sqlite'/, homes: ['src/engine/state/'], why: 'one writer, one place that knows SQL' },
];

describe('imports', () => {
  let sources: Source[];
  beforeAll(async () => {
    sources = await sourcesIn('src', ['.ts']);
  });

  it.each(Object.entries(LAYERS))('%s imports only what its layer may', (layer, { may, why }) => {
    const allowed = new Set([layer, ...may]);
    const wrong = sources
      .filter(({ path }) => path.startsWith(`src/${layer}/`))
      .flatMap(({ path, imports }) =>
        imports
          .filter((name) => name.startsWith('src/') && !allowed.has(name.split('/')[1] ?? ''))
          .map((name) => `${path} → ${name}`),
      );
    expect(wrong, why).toEqual([]);
  });

  it.each(HOMES)('$what stands only in $homes', ({ what, homes, why }) => {
    const wrong = sources.filter(({ path, text }) => what.test(text) && !homes.some((home) => path.startsWith(home)));
    expect(
      wrong.map(({ path }) => path),
      why,
    ).toEqual([]);
  });

  it('has no cycles', () => {
    const byPath = new Map(sources.map((source) => [source.path, source]));
    expect(findCycle(byPath)).toEqual([]);
  });
});

function findCycle(byPath: ReadonlyMap<string, Source>): readonly string[] {
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): readonly string[] => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return [];
    for (const next of valueImports(byPath.get(path))) {
      const cycle = visit(next, [...trail, path]);
      if (cycle.length > 0) return cycle;
    }
    done.add(path);
    return [];
  };
  for (const path of byPath.keys()) {
    const cycle = visit(path, []);
    if (cycle.length > 0) return cycle;
  }
  return [];
}

/** Types vanish when the code runs, so only imports of values can make a cycle. */
function valueImports(source: Source | undefined): readonly string[] {
  if (source === undefined) return [];
  const types = new Set(
    [...source.text.matchAll(/^import type [^;]*from '([^']+)'/gm)].map((match) => match[1]?.split('/').at(-1)),
  );
  return source.imports.filter((name) => name.startsWith('src/') && !types.has(name.split('/').at(-1)));
}
