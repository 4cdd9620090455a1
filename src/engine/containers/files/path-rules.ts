// Paths of the archive routes as Docker reads them: absolute in the container, cleaned as text, a "/" or "/." at the end
// kept in mind, since it asks for what a symlink leads to and names the entries.
import { posix } from 'node:path';
import { GantryError } from '../../../base/error.ts';

/** A path as asked for. */
export interface ArchivePath {
  /** Absolute, without "." or ".." and without a slash at its end (but "/"). */
  readonly path: string;
  /** A symlink at the end is followed, and a folder must be there. */
  readonly folder: boolean;
  /** What an archive's first entry is called: the last part, "." or "/". */
  readonly name: string;
  /** For messages: with what stood at its end. */
  readonly shown: string;
}

/** Reads a path. Throws engine/bad-parameter for none, and for one with a NUL. */
export function archivePath(text: string | undefined): ArchivePath {
  if (text === undefined || text === '') throw refused('bad parameter: pathcannot be empty');
  if (text.includes('\0')) throw refused('bad parameter: path has a NUL');
  const path = posix.resolve('/', text);
  const dot = /(?:^|\/)\.$/.test(text);
  const slash = text.endsWith('/') && path !== '/';
  return {
    path,
    folder: dot || slash,
    name: dot ? '.' : path === '/' ? '/' : posix.basename(path),
    shown: dot ? posix.join(path, '/') + '.' : slash ? `${path}/` : path,
  };
}

function refused(message: string): GantryError {
  return new GantryError('engine/bad-parameter', message);
}
