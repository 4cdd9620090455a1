// Writes compose-spec/schema.json and compose-spec/SUPPORT.md from the attribute table. With --check it only says whether
// they are up to date and every attribute has its case (exit 1 if not); with --gaps it lists the attributes without one.
import { readFileSync, writeFileSync } from 'node:fs';
import { proofProblems } from './compose-applied.ts';
import { composeSchema } from './compose-schema.ts';
import { attributePaths, attributesWithoutCase, supportText } from './compose-support.ts';

const UNPROVED = proofProblems(attributePaths());
const FOLDER = new URL('../compose-spec/', import.meta.url);
const TEXTS = { 'schema.json': composeSchema(), 'SUPPORT.md': supportText() };

function isCurrent(name: string, text: string): boolean {
  try {
    return readFileSync(new URL(name, FOLDER), 'utf8') === text;
  } catch {
    return false;
  }
}

// what is not proved must not stand in SUPPORT.md as applied, so nothing is written then
for (const problem of UNPROVED) console.error(problem);
if (UNPROVED.length > 0) process.exitCode = 1;

if (process.argv.includes('--gaps')) {
  for (const path of attributesWithoutCase()) console.log(path);
} else if (process.argv.includes('--check')) {
  const stale = Object.entries(TEXTS).filter(([name, text]) => !isCurrent(name, text));
  for (const [name] of stale) console.error(`compose-spec/${name} is not up to date: node .ci/gen-compose-spec.ts`);
  const gaps = attributesWithoutCase();
  for (const path of gaps) console.error(`${path} has no case: add one to compose-spec/cases`);
  if (stale.length + gaps.length > 0) process.exitCode = 1;
} else if (UNPROVED.length === 0) {
  for (const [name, text] of Object.entries(TEXTS)) writeFileSync(new URL(name, FOLDER), text);
}
