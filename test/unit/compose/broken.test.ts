// What people read when a file is wrong, word for word: each case of broken/*.txt is a set of files and what is said.
// `GANTRY_RECORD=broken` writes what is said now into the cases, to be read and agreed with before it is kept.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { isGantryError } from '../../../src/base/error.ts';
import { formatDiagnostics } from '../../../src/cli/output/diagnostics.ts';
import { formatError } from '../../../src/cli/output/errors.ts';
import { loadProject } from '../../../src/compose/load.ts';
import { projectFolder, type Files } from '../../support/compose-files.ts';

const FOLDER = join(import.meta.dirname, 'broken');
const SAYS = 'says';

interface Case {
  readonly title: string;
  readonly files: Files;
  readonly says: string;
}

function casesOf(text: string): readonly Case[] {
  return text
    .split(/^=== /m)
    .slice(1)
    .map((part) => {
      const [head = '', ...sections] = part.split(/^--- /m);
      const parts = sections.map((section): [string, string] => {
        const at = section.indexOf('\n');
        return [section.slice(0, at), section.slice(at + 1)];
      });
      const { [SAYS]: says = '', ...files } = Object.fromEntries(parts);
      return { title: head.trim(), files, says };
    });
}

const textOf = (cases: readonly Case[]): string =>
  cases
    .map(({ title, files, says }) => {
      const parts = Object.entries({ ...files, [SAYS]: says }).map(([name, text]) => `--- ${name}\n${text}`);
      return `=== ${title}\n${parts.join('')}`;
    })
    .join('');

/** What a person sees; the folder reads `/shop`. */
async function said(files: Files): Promise<string> {
  using folder = projectFolder(files);
  try {
    const { diagnostics } = await loadProject({ env: {}, cwd: folder.dir });
    const text = formatDiagnostics(diagnostics, false).replaceAll(folder.dir, '/shop');
    return text === '' ? '(nothing)\n' : text;
  } catch (error) {
    if (!isGantryError(error)) throw error;

    return formatError(error, { color: false }).replaceAll(folder.dir, '/shop');
  }
}

for (const name of readdirSync(FOLDER)) {
  const path = join(FOLDER, name);
  const cases = casesOf(readFileSync(path, 'utf8'));
  if (process.env['GANTRY_RECORD'] === 'broken') {
    const recorded: Case[] = [];
    for (const one of cases) recorded.push({ ...one, says: await said(one.files) });
    writeFileSync(path, textOf(recorded));
  }
  describe(`broken files: ${name.replace('.txt', '')}`, () => {
    it.each(casesOf(readFileSync(path, 'utf8')).map((one): [string, Case] => [one.title, one]))(
      '%s',
      async (_, one) => {
        expect(await said(one.files)).toBe(one.says);
        expect(one.says).not.toBe('');
      },
    );
  });
}
