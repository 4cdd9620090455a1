// Puts the engine where nobody but root can change it: a root daemon must not run from a project's node_modules.
// In a checkout that is not built, the engine runs from its sources.
import { createHash, randomBytes } from 'node:crypto';
import { constants, existsSync, lstatSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nativeProgram } from '../base/native.ts';
import { VERSION } from '../base/version.ts';

/** What to run. */
export interface InstalledEngine {
  readonly node: string;
  readonly main: string;
}

interface Part {
  readonly from: string;
  readonly to: string;
  readonly mode: number;
}

/** Longer than any copy takes, in ms. */
const COPY_PATIENCE = 10 * 60 * 1000;

const PROGRAMS = ['gantry-shim', 'gantry-fs'] as const;

/** Gives the engine below `<data>/engine`, copying it there when this one is not there yet. */
export async function installEngine(data: string): Promise<InstalledEngine> {
  const here = dirname(fileURLToPath(import.meta.url));
  const bundle = join(here, 'engine.cjs');
  if (!existsSync(bundle)) return { node: process.execPath, main: join(here, '../engine/main.ts') };
  const parts: Part[] = [
    { from: bundle, to: 'engine.cjs', mode: 0o644 },
    ...PROGRAMS.map((name) => ({ from: nativeProgram(name), to: `native/${process.arch}/${name}`, mode: 0o755 })),
  ];
  const node = realpathSync(process.execPath);
  if (!isSafe(node)) parts.push({ from: node, to: 'node', mode: 0o755 });
  const home = join(data, 'engine', `${VERSION}-${contentHash(parts)}`);
  if (!existsSync(home)) await copyParts(home, parts);
  return { node: isSafe(node) ? node : join(home, 'node'), main: join(home, 'engine.cjs') };
}

/** Removes engines of other versions; a daemon that still runs one keeps its open files. */
export async function removeOtherEngines(data: string, current: InstalledEngine): Promise<void> {
  const folder = join(data, 'engine');
  if (!current.main.startsWith(folder)) return;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const isCurrent = current.main.startsWith(`${path}/`);
    if (!isCurrent && !isBeingCopied(path, name)) await rm(path, { recursive: true, force: true });
  }
}

/** Half a copy may be another command's at work; an old one is a leftover. */
function isBeingCopied(path: string, name: string): boolean {
  const age = Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return /-[0-9a-f]{12}\.[0-9a-f]{8}$/.test(name) && age < COPY_PATIENCE;
}

/** A system's own Node: only root can change it or any folder above it, and it goes away with no project. */
function isSafe(path: string): boolean {
  if (path.includes('/node_modules/')) return false;
  for (let at = path; ; at = dirname(at)) {
    const { uid, mode } = lstatSync(at);
    if (uid !== 0 || (mode & 0o022) !== 0) return false;
    if (at === '/') return true;
  }
}

/** Node itself counts by version and size: the launcher has checked it, and reading 100 MB takes as long as a start. */
function contentHash(parts: readonly Part[]): string {
  const hash = createHash('sha256').update(process.version);
  for (const { from, to } of parts) {
    hash.update(`\0${to}\0`).update(to === 'node' ? String(lstatSync(from).size) : readFileSync(from));
  }
  return hash.digest('hex').slice(0, 12);
}

/** Copies into a folder beside, then renames: two commands at once end with one whole copy. */
async function copyParts(home: string, parts: readonly Part[]): Promise<void> {
  const fresh = `${home}.${randomBytes(4).toString('hex')}`;
  try {
    for (const { from, to, mode } of parts) {
      const target = join(fresh, to);
      await mkdir(dirname(target), { recursive: true, mode: 0o755 });
      await copyFile(from, target, constants.COPYFILE_FICLONE);
      await chmod(target, mode);
    }
    await rename(fresh, home);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    if (!existsSync(home)) throw error;
  }
}
