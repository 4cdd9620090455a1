// Writes the files of a project into a folder of its own and loads them; the folder goes when the test is done.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '../../src/base/diagnostic.ts';
import { isGantryError, type GantryError } from '../../src/base/error.ts';
import { loadProject, type LoadOptions } from '../../src/compose/load.ts';
import type { Project } from '../../src/compose/model/project.ts';

/** Text of files by their path below the folder. */
export type Files = Readonly<Record<string, string>>;

/** A folder `shop` with files; removed when disposed. */
export function projectFolder(files: Files): { readonly dir: string; [Symbol.dispose](): void } {
  const root = mkdtempSync(join(tmpdir(), 'gantry-compose-'));
  const dir = join(root, 'shop');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return { dir, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) };
}

/** A loaded project with its warnings, or the error; the folder's path reads `/shop`. */
export interface Loaded {
  readonly project: Project;
  readonly warnings: readonly Diagnostic[];
}

/** Loads files; a string is compose.yaml. */
export async function load(files: Files | string, options: Partial<LoadOptions> = {}): Promise<Loaded> {
  using folder = projectFolder(typeof files === 'string' ? { 'compose.yaml': files } : files);
  const { project, diagnostics } = await loadProject({ env: {}, cwd: folder.dir, ...options });
  return { project: relocate(project, folder.dir), warnings: relocate(diagnostics, folder.dir) };
}

/** The error of files that are refused. */
export async function refusal(files: Files | string, options: Partial<LoadOptions> = {}): Promise<GantryError> {
  using folder = projectFolder(typeof files === 'string' ? { 'compose.yaml': files } : files);
  try {
    await loadProject({ env: {}, cwd: folder.dir, ...options });
  } catch (error) {
    if (isGantryError(error)) return error;
    throw error;
  }
  throw new Error('the files were not refused');
}

/** `line:column message` of each diagnostic. */
export function places(diagnostics: readonly Diagnostic[]): readonly string[] {
  return diagnostics.map(({ range, message }) => `${range?.line ?? 0}:${range?.column ?? 0} ${message}`);
}

function relocate<T>(value: T, dir: string): T {
  return JSON.parse(JSON.stringify(value).replaceAll(dir, '/shop')) as T;
}
