// Laws that hold for any input: merging a file with itself changes nothing, output reads back as the same project,
// escaped text comes through interpolation as it was, printing and parsing are inverse.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../../src/base/duration.ts';
import { FILE } from '../../../src/compose/attributes/file.ts';
import { canonicalTree } from '../../../src/compose/canonical/canonical.ts';
import { parseEnvFile } from '../../../src/compose/dotenv/parse.ts';
import { fillTemplate } from '../../../src/compose/interpolate/template.ts';
import { mergeTrees } from '../../../src/compose/merge/merge.ts';
import { enforceUnique } from '../../../src/compose/merge/unique.ts';
import { treeKey } from '../../../src/compose/canonical/tree-key.ts';
import { createProblems } from '../../../src/compose/problems.ts';
import { printProject } from '../../../src/compose/print.ts';
import type { Printed } from '../../../src/compose/print/printed.ts';
import { writeYaml } from '../../../src/compose/print/yaml.ts';
import { compareNames } from '../../../src/compose/print/natural.ts';
import { bindTree, type Plain } from '../../../src/compose/bind/bind.ts';
import { parseYaml } from '../../../src/compose/yaml/parse.ts';
import { createDag } from '../../../src/compose/dag.ts';
import { load } from '../../support/compose-files.ts';

// a service named x-… is replaced as a whole when merged, as docker compose does
const word = fc.stringMatching(/^[a-wyz][a-z0-9_-]{0,8}$/);
// a line break at the start is lost in print, as go-yaml loses it
const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((value) => value.replace(/^\n+/, ''));
const port = fc.integer({ min: 1, max: 65535 });

const service = fc.record(
  {
    image: word,
    command: fc.oneof(fc.array(text, { maxLength: 3 }), fc.constant(null)),
    environment: fc.dictionary(word, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)), { maxKeys: 4 }),
    labels: fc.dictionary(word, text, { maxKeys: 3 }),
    ports: fc.uniqueArray(
      fc.tuple(port, port).map(([host, target]) => `${host}:${target}`),
      { maxLength: 3 },
    ),
    volumes: fc.uniqueArray(
      fc.tuple(word, word).map(([source, target]) => `./${source}:/${target}:ro`),
      { maxLength: 3 },
    ),
    cap_add: fc.uniqueArray(word, { maxLength: 3 }),
    extra_hosts: fc.dictionary(word, fc.ipV4(), { maxKeys: 2 }),
    mem_limit: fc.integer({ min: 1, max: 2 ** 40 }),
    stop_grace_period: fc.integer({ min: 0, max: 1e6 }).map((ms) => `${ms}ms`),
    tty: fc.boolean(),
    init: fc.boolean(),
    scale: fc.integer({ min: 0, max: 9 }),
    ulimits: fc.constantFrom({ nofile: 5 }, { nofile: { soft: 1, hard: 2 } }),
    hostname: text.filter((value) => value !== ''),
    entrypoint: fc.oneof(word, fc.array(text, { maxLength: 2 })),
    build: fc.oneof(
      word.map((name) => `./${name}`),
      fc.record({ context: fc.constant('.'), target: word, args: fc.dictionary(word, text, { maxKeys: 2 }) }),
    ),
    healthcheck: fc.record({ test: fc.oneof(word, fc.constant(['CMD', 'a', 'b'])), interval: fc.constant('5s') }),
    deploy: fc.record({
      labels: fc.dictionary(word, text, { maxKeys: 2 }),
      resources: fc.record({ reservations: fc.record({ memory: fc.constantFrom('5m', '1gb') }) }),
    }),
    logging: fc.record({ driver: word, options: fc.dictionary(word, text, { maxKeys: 2 }) }),
    networks: fc.oneof(
      fc.subarray(['front', 'back'], { minLength: 1 }),
      fc.record({ front: fc.record({ aliases: fc.uniqueArray(word, { maxLength: 2 }) }), back: fc.constant(null) }),
    ),
    secrets: fc.constantFrom(['key'], [{ source: 'key', target: 'x', mode: 0o440 }]),
    configs: fc.constantFrom(['conf'], [{ source: 'conf', target: '/x' }]),
    tmpfs: fc.oneof(fc.constant('/run'), fc.constant(['/run', '/tmp:size=1m'])),
    dns: fc.oneof(fc.ipV4(), fc.uniqueArray(fc.ipV4(), { maxLength: 2 })),
    devices: fc.constantFrom(['/dev/null'], ['/dev/null:/dev/n:r']),
    expose: fc.uniqueArray(port, { maxLength: 2 }),
    sysctls: fc.dictionary(word, fc.integer(), { maxKeys: 2 }),
    stop_signal: word,
    cpus: fc.constantFrom(0.5, '1.5', 2),
    privileged: fc.constantFrom(true, 'false'),
    // no `$` in keys: docker compose doubles it in print and takes it as it is when it reads
    'x-own': fc.oneof(text, fc.boolean(), fc.array(fc.integer()), fc.dictionary(word, text, { maxKeys: 2 })),
  },
  { requiredKeys: ['image'] },
);
const RESOURCES = {
  networks: { front: { driver: 'bridge', ipam: { config: [{ subnet: '10.1.0.0/24' }] } }, back: null },
  volumes: { data: null, other: { labels: ['a=b'] } },
  secrets: { key: { file: './key' } },
  configs: { conf: { content: 'a\nb $$ c' } },
};
const file = fc.dictionary(word, service, { minKeys: 1, maxKeys: 3 }).map((services) => ({ services, ...RESOURCES }));

/** Objects as the printer takes them. */
function printed(value: Plain): Printed {
  if (Array.isArray(value)) return (value as readonly Plain[]).map(printed);
  if (value === null || typeof value !== 'object') return value;
  return new Map(Object.entries(value).map(([key, child]) => [key, printed(child)]));
}

/** JSON is YAML; a `$` is doubled so that it means itself. */
const asYaml = (value: unknown): string => JSON.stringify(value).replaceAll('$', '$$$$');

function tree(value: unknown): ReturnType<typeof canonicalTree> {
  const problems = createProblems();
  const [parsed] = parseYaml({ path: 'x', text: JSON.stringify(value) }, problems);
  if (!parsed) throw new Error('nothing parsed');
  return enforceUnique(canonicalTree(parsed, FILE, '', problems));
}

describe('laws of the compose loader', () => {
  it('merging is idempotent', () => {
    fc.assert(
      fc.property(file, (one) => {
        const base = tree(one);
        expect(treeKey(enforceUnique(mergeTrees(base, tree(one), [], createProblems())))).toBe(treeKey(base));
      }),
    );
  });

  it('an empty override changes nothing', () => {
    fc.assert(
      fc.property(file, (one) => {
        const base = tree(one);
        const nothing = tree({ services: Object.fromEntries(Object.keys(one.services).map((name) => [name, {}])) });
        expect(treeKey(mergeTrees(base, nothing, [], createProblems()))).toBe(treeKey(base));
      }),
    );
  });

  it('the long form of the long form is itself', () => {
    fc.assert(
      fc.property(file, (one) => {
        const long = tree(one);
        expect(treeKey(canonicalTree(long, FILE, '', createProblems()))).toBe(treeKey(long));
      }),
    );
  });

  it('config of config is the same', async () => {
    await fc.assert(
      fc.asyncProperty(file, async (one) => {
        const first = printProject((await load({ 'compose.yaml': asYaml(one) })).project);
        expect(printProject((await load({ 'compose.yaml': first })).project)).toBe(first);
      }),
      { numRuns: 60 },
    );
  });

  it('escaped text comes through as it was', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect(fillTemplate(value.replaceAll('$', '$$$$'), () => 'no')).toEqual({ value, unset: [], used: [] });
      }),
    );
  });

  it('a quoted value of an environment file comes through as it was', () => {
    fc.assert(
      fc.property(text, (value) => {
        const quoted = `"${value.replace(/["\\$]/g, '\\$&')}"`;
        expect(parseEnvFile(`A=${quoted}`, () => undefined).values.get('A')).toBe(value);
      }),
    );
  });

  it('what is printed as YAML reads back as the same data', () => {
    const value = (
      fc.letrec((tie) => ({
        value: fc.oneof(
          { maxDepth: 4 },
          text,
          fc.integer(),
          fc.boolean(),
          fc.constant(null),
          fc.constantFrom(
            'yes',
            '1',
            '0x1',
            '1:20',
            ' a',
            'a ',
            '- a',
            'a: b',
            '#',
            "'",
            'a\nb',
            'a\n\n',
            ' \n',
            '~',
            '',
          ),
          fc.array(tie('value'), { maxLength: 3 }),
          fc.dictionary(text, tie('value'), { maxKeys: 3 }),
        ),
      })) as { value: fc.Arbitrary<Plain> }
    ).value;
    fc.assert(
      fc.property(fc.dictionary(word, value, { minKeys: 1 }), (data) => {
        const problems = createProblems();
        const [parsed] = parseYaml({ path: 'x', text: writeYaml(printed(data)) }, problems);
        expect(problems.all()).toEqual([]);
        expect(parsed && bindTree(parsed, { kind: 'any' })).toEqual(data);
      }),
    );
  });

  it('durations print and parse', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 50 }), (value) => {
        expect(parseDuration(formatDuration(value))).toBe(value);
      }),
    );
  });

  it('the order of names is an order', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareNames(a, b))).toBe(-Math.sign(compareNames(b, a)) || 0);
      }),
    );
  });

  it('a graph is either ordered, each after its needs, or has a circle that is one', () => {
    const edge = fc.tuple(fc.integer({ min: 0, max: 7 }), fc.integer({ min: 0, max: 7 }));
    fc.assert(
      fc.property(fc.array(edge, { maxLength: 16 }), (edges) => {
        const dag = createDag<undefined>();
        for (let id = 0; id < 8; id++) dag.addVertex(String(id), undefined);
        for (const [from, to] of edges) dag.addEdge(String(from), String(to), undefined);
        const cycles = dag.cycles();
        for (const cycle of cycles)
          for (const [index, from] of cycle.slice(0, -1).entries()) expect(dag.needs(from)).toContain(cycle[index + 1]);
        if (cycles.length > 0) expect(() => dag.order()).toThrow();
        const order = cycles.length > 0 ? [] : dag.order();
        if (cycles.length === 0)
          for (const [from, to] of edges) expect(order.indexOf(String(to))).toBeLessThan(order.indexOf(String(from)));
      }),
    );
  });
});
