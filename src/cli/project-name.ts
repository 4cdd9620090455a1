// A project's name for verbs that need nothing else of its files. Most files say no name, and that can be seen without
// loading them: the loader takes longer than the rest of such a verb.
import { isGantryError } from '../base/error.ts';
import type { FindOptions } from '../compose/load-types.ts';
import { discover, folderName } from '../compose/files/discover.ts';
import { readSource } from '../compose/files/read-source.ts';
import { normalizeName } from '../compose/files/project-name.ts';
import { createProblems } from '../compose/problems.ts';

/** The name when it is sure without the loader; undefined: load the project, it knows or says what is wrong. */
export async function cheapProjectName(options: FindOptions): Promise<string | undefined> {
  const problems = createProblems();
  const found = await discover(options, problems);
  if (problems.hasErrors()) return undefined;
  if (found.name !== undefined) return found.name;
  if (found.files.length === 0 || found.files.includes('-')) return undefined;
  const texts = await Promise.all(found.files.map(async (file) => await readText(file)));
  if (!texts.every((text) => text !== undefined && saysNoName(text))) return undefined;
  const name = normalizeName(folderName(found.workingDir));
  return name === '' ? undefined : name;
}

async function readText(file: string): Promise<string | undefined> {
  try {
    return (await readSource(file)).text;
  } catch (error) {
    if (isGantryError(error)) return undefined;
    throw error;
  }
}

/** Block style with only plain keys at the margin, none of them `name`. Anything else is left to the loader. */
function saysNoName(text: string): boolean {
  const margin = text.split('\n').filter((line) => /^[^\s#]/.test(line));
  return margin.every((line) => /^(?:(?!name\b)[A-Za-z][\w-]*:(?:\s|$)|---\s*$)/.test(line));
}
