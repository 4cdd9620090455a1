// Which attributes have a proof that they are applied: a probe of test/scenario/applied, or a test named there. What is
// only a container of others is proved by its parts.
import { readFileSync } from 'node:fs';
import { limitOf } from '../src/compose/attributes/support.ts';
import { ELSEWHERE } from '../test/scenario/applied/elsewhere.ts';
import { TABLES } from '../test/scenario/applied/tables.ts';

const ROOT = new URL('..', import.meta.url);

/** What is wrong with the proofs, one line each: attributes without one, and proofs that prove nothing. */
export function proofProblems(attributes: readonly string[]): readonly string[] {
  const proved = provedAttributes();
  const isProved = (path: string): boolean =>
    proved.has(path) || attributes.some((other) => other.startsWith(`${path}.`) && proved.has(other));
  const unproved = attributes.filter((path) => limitOf(path) === undefined && !isProved(path));
  const stray = [...proved].filter((path) => limitOf(path) !== undefined || !attributes.includes(path));
  return [
    ...unproved.map((path) => `${path} is called applied, and no row of test/scenario/applied proves it`),
    ...stray.map((path) => `${path} is proved in test/scenario/applied, and is no applied attribute`),
    ...ELSEWHERE.flatMap(missingTest),
  ];
}

function provedAttributes(): ReadonlySet<string> {
  const probes = TABLES.flatMap((table) => table.subjects).flatMap(({ probes: ofSubject }) => ofSubject);
  return new Set([...probes, ...ELSEWHERE].flatMap(({ proves }) => proves));
}

function missingTest({ file, test, proves }: (typeof ELSEWHERE)[number]): readonly string[] {
  const text = readFileSync(new URL(file, ROOT), 'utf8');
  const unnamed = proves.filter((path) => !text.includes(path.split('.').findLast((key) => key !== '*') ?? ''));
  return [
    ...(text.includes(test) ? [] : [`${file} has no test ${JSON.stringify(test)}`]),
    ...unnamed.map((path) => `${file} does not name ${path}`),
  ];
}
