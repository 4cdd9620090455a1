// Docker's rules of where a copy goes, as pure functions: what is a container's path, and what the copy is called at its
// destination. A "/" or "/." at the end of a path says something, so paths are never cleaned of them before.
import { posix } from 'node:path';
import { GantryError } from '../../base/error.ts';

/** One side of a copy: a path of a container, or of this machine when the container is "". `-` is a stream. */
export interface CopySide {
  readonly container: string;
  readonly path: string;
}

/** What is known of a path. */
export interface CopyInfo {
  readonly path: string;
  readonly exists: boolean;
  readonly isFolder: boolean;
  /** What the archive's first part should be called in place of the path's own last one (a followed link). */
  readonly name?: string;
}

/** Where an archive is unpacked: in `folder`, its first part called `name` ("" = as it is). */
export interface CopyTarget {
  readonly folder: string;
  readonly name: string;
}

/** `CONTAINER:PATH`, or a path of this machine: absolute, relative with a dot, or without a colon. */
export function copySide(text: string): CopySide {
  const at = text.indexOf(':');
  if (at < 0 || text.startsWith('/') || text.startsWith('.')) return { container: '', path: text };
  return { container: text.slice(0, at), path: text.slice(at + 1) };
}

/** Where a copy goes. Throws usage/invalid-flag for what cannot be. */
export function copyTarget(source: CopyInfo, destination: CopyInfo): CopyTarget {
  if (destination.exists && destination.isFolder) return { folder: destination.path, name: source.name ?? '' };
  if (destination.exists && source.isFolder) throw refused('cannot copy directory');
  if (!destination.exists && !source.isFolder && isFolderText(destination.path)) throw refused('no such directory');
  const clean = posix.normalize(destination.path).replace(/(.)\/$/, '$1');
  return { folder: posix.dirname(clean), name: posix.basename(clean) };
}

/** Whether a path is written as a folder: `a/`, `a/.`, `.`, `..`. */
export function isFolderText(path: string): boolean {
  return path.endsWith('/') || /(?:^|\/)\.{1,2}$/.test(path);
}

/** The last part as Docker names entries by it: "." behind a `/.`, "/" for the root. */
export function baseName(path: string): string {
  if (/(?:^|\/)\.$/.test(path)) return '.';
  const clean = posix.resolve('/', path);
  return clean === '/' ? '/' : posix.basename(clean);
}

function refused(message: string): GantryError {
  return new GantryError('usage/invalid-flag', message);
}
