// Makes a folder and what is missing above it. Node's own recursive mkdir never returns below /proc (ENOENT of a parent
// that is there), which one wrong path in a compose file would turn into an engine that hangs.
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** Makes the folder unless it is there; `mode` is of each folder made. Throws the error of the system for the part that failed. */
export function makeFolder(path: string, mode = 0o755): void {
  const missing: string[] = [];
  for (let at = path; !isFolder(at) && at !== dirname(at); at = dirname(at)) missing.push(at);
  for (const folder of missing.reverse()) makeOne(folder, mode);
}

function makeOne(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    // somebody else may have made it meanwhile
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false; // a part of the path is a file, or may not be looked into: making it tells which
  }
}
