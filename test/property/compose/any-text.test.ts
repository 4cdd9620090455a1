// Whatever is in a file, the loader ends with a project or with one error made for people: no crash, no hang, no stack.
// A long run, which says how many files it tried (each of the six properties takes 100 s):
//   GANTRY_FUZZ_SECONDS=100 npx vitest run --config test/vitest.config.ts test/property/compose/any-text.test.ts
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { isGantryError } from '../../../src/base/error.ts';
import { printProject } from '../../../src/compose/print.ts';
import { composeCases } from '../../support/compose-cases.ts';
import { formatDiagnostics } from '../../../src/cli/output/diagnostics.ts';
import { formatError } from '../../../src/cli/output/errors.ts';
import { explainPath } from '../../../src/compose/explain.ts';
import { loadProject } from '../../../src/compose/load.ts';
import { projectFolder, type Files } from '../../support/compose-files.ts';

const EXAMPLES = join(import.meta.dirname, '../../../examples');
const examples = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /compose.*\.ya?ml$/.test(name),
);
const TEXTS = [
  ...composeCases().map(({ dir }) => join(dir, 'compose.yaml')),
  ...examples.map((name) => join(EXAMPLES, name)),
].map((path) => readFileSync(path, 'utf8'));
const SNIPPETS = [
  '${',
  '$',
  '"',
  "'",
  '{',
  '}',
  '[',
  ']',
  ':',
  '- ',
  '\n',
  '\t',
  '&a ',
  '*a',
  '<<: ',
  '!reset ',
  '!!int ',
  '|',
  '>',
  '~',
  '0',
  '#',
  '? ',
  ', ',
  '  ',
];

const edit = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  cut: fc.integer({ min: 0, max: 6 }),
  put: fc.constantFrom(...SNIPPETS),
});
const mutated = fc.tuple(fc.constantFrom(...TEXTS), fc.array(edit, { maxLength: 4 })).map(([text, edits]) =>
  edits.reduce((now, { at, cut, put }) => {
    const index = Math.floor(at * now.length);
    return now.slice(0, index) + put + now.slice(index + cut);
  }, text),
);

/** A YAML tree of words that mean something in a compose file, in places where they need not. */
const KEYS = [
  'services',
  'web',
  'image',
  'ports',
  'volumes',
  'build',
  'environment',
  'depends_on',
  'networks',
  'deploy',
  'extends',
  'include',
  'healthcheck',
  'configs',
  'secrets',
  'source',
  'target',
  'x-a',
  'external',
  'name',
];
const tree = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'large' },
    fc.constantFrom('a', '80:80', './a:/b', '1', '', '${A:-b}', 'service:web', 'web', '10s', '5m'),
    fc.integer(),
    fc.double(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...KEYS), tie('value'), { maxKeys: 5 }),
  ),
})).value;

let tried = 0;
/** No file may take longer, in ms, on any machine: these are small. */
const TOO_LONG = 30_000;

async function endsWell(files: Files | string): Promise<void> {
  tried++;
  const began = performance.now();
  using folder = projectFolder(typeof files === 'string' ? { 'compose.yaml': files } : files);
  try {
    const loaded = await loadProject({ env: {}, cwd: folder.dir });
    expect(printProject(loaded.project)).toMatch(/^name: /);
    for (const one of explainPath(loaded, 'services')) expect(one.place.range.line).toBeGreaterThan(0);
    expect(formatDiagnostics(loaded.diagnostics, false)).not.toMatch(NONSENSE);
  } catch (error) {
    if (!isGantryError(error)) throw error;
    expect(error.message).not.toMatch(/\n/);
    expect(formatError(error, { color: false })).not.toMatch(NONSENSE);
  }
  expect(performance.now() - began).toBeLessThan(TOO_LONG);
}

/** What only a mistake in a program prints. */
const NONSENSE = /\[object Object\]|\n {4}at |internal error|: undefined\b/;

const runs = process.env['GANTRY_TIER'] === 'full' ? 5000 : 300;

/** `GANTRY_FUZZ_SECONDS=300` gives each property that long instead of a number of runs. */
const seconds = Number(process.env['GANTRY_FUZZ_SECONDS'] ?? 0);
const limits =
  seconds > 0
    ? { numRuns: Number.MAX_SAFE_INTEGER, interruptAfterTimeLimit: seconds * 1000, markInterruptAsFailure: false }
    : { numRuns: runs };
const timeout = 60_000 + seconds * 2000;

/** A value of the recorded corpus put where another stood: right words in wrong places. */
const grafted = fc
  .tuple(fc.constantFrom(...TEXTS), fc.constantFrom(...TEXTS), fc.nat(60), fc.nat(60))
  .map(([text, other, at, from]) => {
    const lines = text.split('\n');
    const pieces = other.split(/\n|(?<=[{,[]) /);
    lines.splice(at % lines.length, 1, pieces[from % pieces.length] ?? '');
    return lines.join('\n');
  });

/** Two files of the corpus laid over each other, or in one another's place as files that are read on the way. */
async function pairEndsWell([base, over]: readonly [string, string]): Promise<void> {
  await endsWell({ 'compose.yaml': base, 'compose.override.yaml': over, '.env': over, 'b.yaml': over, 'a.env': base });
}

describe('any text', () => {
  afterAll(() => {
    if (seconds > 0) process.stdout.write(`${tried} sets of files tried\n`);
  });

  it(
    'mutated files',
    async () => {
      await fc.assert(fc.asyncProperty(mutated, endsWell), limits);
    },
    timeout,
  );

  it(
    'grafted files',
    async () => {
      await fc.assert(fc.asyncProperty(grafted, endsWell), limits);
    },
    timeout,
  );

  it(
    'files over files',
    async () => {
      await fc.assert(fc.asyncProperty(fc.tuple(mutated, grafted), pairEndsWell), limits);
    },
    timeout,
  );

  it(
    'trees of known words',
    async () => {
      await fc.assert(
        fc.asyncProperty(tree, (value) => endsWell(JSON.stringify(value))),
        limits,
      );
    },
    timeout,
  );

  it(
    'services of known words',
    async () => {
      const file = fc.dictionary(
        fc.constantFrom('web', 'db'),
        fc.dictionary(fc.constantFrom(...KEYS), tree, { maxKeys: 5 }),
        { minKeys: 1 },
      );
      await fc.assert(
        fc.asyncProperty(file, (services) => endsWell(JSON.stringify({ services }))),
        limits,
      );
    },
    timeout,
  );

  it(
    'arbitrary text',
    async () => {
      await fc.assert(fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), endsWell), limits);
    },
    timeout,
  );
});
