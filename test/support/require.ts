// Tools that a test can do without, and what is said when they are missing: the runner's closing line names what could
// not run, and GANTRY_REQUIRE=all makes that a failure.
import { accessSync, constants, mkdirSync, appendFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processEnv } from '../../src/base/env.ts';

/** Where missing tools are noted for the closing line; the runner empties it first. */
export const MISSING_FILE = fileURLToPath(new URL('../../.cache/missing-tools', import.meta.url));

/** The path of a program on PATH; undefined (and noted) when it is not there. Throws with GANTRY_REQUIRE=all. */
export function requireTool(name: string, remedy: string): string | undefined {
  const found = onPath(name);
  if (found !== undefined) return found;
  if (processEnv()['GANTRY_REQUIRE'] === 'all') throw new Error(`${name} is required (${remedy})`);
  note(name, remedy);
  return undefined;
}

/** The same for what a test only compares with: noted when it is not there, and never a failure. */
export function findPeer(name: string, remedy: string): string | undefined {
  const found = onPath(name);
  if (found === undefined) note(name, remedy);
  return found;
}

function onPath(name: string): string | undefined {
  const folders = (processEnv()['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function note(name: string, remedy: string): void {
  mkdirSync(join(MISSING_FILE, '..'), { recursive: true });
  appendFileSync(MISSING_FILE, `${name} (${remedy})\n`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
