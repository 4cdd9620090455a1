// Writes compose-spec/schema.json and compose-spec/SUPPORT.md from the attribute table. With --check it only says whether
// they are up to date and every attribute has its case (exit 1 if not); with --gaps it lists the attributes without one.
import { readFileSync, writeFileSync } from 'node:fs';
import { composeSchema } from './compose-schema.ts';
import { attributesWithoutCase, supportText } from './compose-support.ts';

const FOLDER = new URL('../compose-spec/', import.meta.url);
const TEXTS = { 'schema.json': composeSchema(), 'SUPPORT.md': supportText() };

function isCurrent(name: string, text: string): boolean {
  try {
    return readFileSync(new URL(name, FOLDER), 'utf8') === text;
  } catch {
    return false;
  }
}

if (process.argv.includes('--gaps')) {
  for (const path of attributesWithoutCase()) console.log(path);
} else if (process.argv.includes('--check')) {
  const stale = Object.entries(TEXTS).filter(([name, text]) => !isCurrent(name, text));
  for (const [name] of stale) console.error(`compose-spec/${name} is not up to date: node .ci/gen-compose-spec.ts`);
  const gaps = attributesWithoutCase();
  for (const path of gaps) console.error(`${path} has no case: add one to compose-spec/cases`);
  if (stale.length + gaps.length > 0) process.exitCode = 1;
} else {
  for (const [name, text] of Object.entries(TEXTS)) writeFileSync(new URL(name, FOLDER), text);
}
