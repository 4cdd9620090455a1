// A project's name for verbs that need nothing else of its files. Most files say no name, and that can be seen without
// loading them: the loader takes longer than the rest of such a verb.
import { readFile } from 'node:fs/promises';
import type { FindOptions } from '../compose/load-types.ts';
import { discover, folderName } from '../compose/files/discover.ts';
import { normalizeName } from '../compose/files/project-name.ts';
import { createProblems } from '../compose/problems.ts';

/** The name when it is sure without the loader; undefined: load the project, it knows or says what is wrong. */
export async function cheapProjectName(options: FindOptions): Promise<string | undefined> {
  const found = await discover(options, createProblems());
  if (found.name !== undefined) return found.name;
  if (found.files.length === 0 || found.files.includes('-')) return undefined;
  const texts = await Promise.all(found.files.map(async (file) => await readFile(file, 'utf8').catch(() => undefined)));
  if (!texts.every((text) => text !== undefined && saysNoName(text))) return undefined;
  const name = normalizeName(folderName(found.workingDir));
  return name === '' ? undefined : name;
}

/** Block style with only plain keys at the margin, none of them `name`. Anything else is left to the loader. */
function saysNoName(text: string): boolean {
  const margin = text.split('\n').filter((line) => /^[^\s#]/.test(line));
  return margin.every((line) => /^(?:(?!name\b)[A-Za-z][\w-]*:(?:\s|$)|---\s*$)/.test(line));
}
