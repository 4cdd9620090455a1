// The project's own sources, read once: what each file imports, and how long it is.
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A file with its imports: paths from the root for our own files, names for packages. */
export interface Source {
  readonly path: string;
  readonly text: string;
  readonly lines: number;
  readonly imports: readonly string[];
}

/** All files with one of these endings below a folder of the project. */
export async function sourcesIn(folder: string, endings: readonly string[]): Promise<Source[]> {
  const entries = await readdir(join(ROOT, folder), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)));
  return Promise.all(files.map(async (entry) => readSource(join(entry.parentPath, entry.name))));
}

async function readSource(file: string): Promise<Source> {
  const text = await readFile(file, 'utf8');
  const path = relative(ROOT, file);
  const names = [...text.matchAll(/(?:from\s+|import\s*\(\s*|^import\s+)'([^']+)'/gm)].map((match) => match[1] ?? '');
  const imports = names.map((name) => (name.startsWith('.') ? relative(ROOT, resolve(dirname(file), name)) : name));
  return { path, text, lines: text.split('\n').length - 1, imports };
}
