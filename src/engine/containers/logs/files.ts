// The files of one log: the one being written and the rotated ones, and where its last lines begin.
import { open, readdir, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname } from 'node:path';

const CHUNK = 65_536;
const NEWLINE = 10;
/** Looks until two are alike; a container would have to rotate its log between all of them. */
const MAX_TRIES = 20;

/** One of the files, as it was when it was looked at: a rotation gives it another path. */
export interface LogFile {
  readonly path: string;
  /** 0 = there is none. */
  readonly inode: number;
}

/** Where reading begins. */
export interface LogStart extends LogFile {
  readonly offset: number;
}

/** A place in a log that stays the same when its file is rotated. */
export interface LogMark {
  readonly inode: number;
  readonly offset: number;
}

/** Every file, oldest first; the one being written is last and need not exist yet. */
export async function logFiles(path: string): Promise<readonly LogFile[]> {
  let files = await listFiles(path);
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const again = await listFiles(path);
    if (isSame(files, again)) break;
    files = again;
  }
  return files;
}

/** The file and offset from which `lines` lines remain; with nothing given, the very beginning. */
export async function tailStart(path: string, lines: number | undefined): Promise<LogStart> {
  for (let tries = 1; ; tries += 1) {
    const files = await logFiles(path);
    const start = await startIn(files, lines ?? Infinity);
    // the files were read by their paths
    if (tries === MAX_TRIES || isSame(files, await logFiles(path))) return start;
  }
}

async function startIn(files: readonly LogFile[], lines: number): Promise<LogStart> {
  const oldest = { path: '', inode: 0, ...files[0], offset: 0 };
  let left = lines;
  if (left === Infinity) return oldest;
  for (const file of files.toReversed()) {
    const found = await lastLines(file.path, left);
    if (found.missing === 0) return { ...file, offset: found.offset };
    left = found.missing;
  }
  return oldest;
}

/** One look; a rotation at the same time can make it wrong. */
async function listFiles(path: string): Promise<readonly LogFile[]> {
  const start = `${basename(path)}.`;
  const names = await readdir(dirname(path)).catch(() => []);
  const numbers = names.filter((name) => name.startsWith(start)).map((name) => Number(name.slice(start.length)));
  const rotated = numbers.filter((number) => Number.isInteger(number) && number > 0).toSorted((a, b) => b - a);
  const paths = [...rotated.map((number) => `${path}.${number}`), path];
  return await Promise.all(paths.map(async (each) => ({ path: each, inode: await inodeOf(each) })));
}

function isSame(a: readonly LogFile[], b: readonly LogFile[]): boolean {
  return a.length === b.length && a.every(({ inode }, index) => inode === b[index]?.inode);
}

/** The inode of an open file or a path, 0 when there is none. */
export async function inodeOf(path: string): Promise<number> {
  return (await markOf(path)).inode;
}

/** The end of the file that is being written, inode 0 when there is none. */
export async function markOf(path: string): Promise<LogMark> {
  return await stat(path).then(
    ({ ino, size }) => ({ inode: ino, offset: size }),
    () => ({ inode: 0, offset: 0 }),
  );
}

async function exists(path: string): Promise<boolean> {
  return (await inodeOf(path)) !== 0;
}

/** Offset of the `count` last lines of a file, and how many it lacks. */
async function lastLines(path: string, count: number): Promise<{ offset: number; missing: number }> {
  if (!(await exists(path))) return { offset: 0, missing: count };
  await using file = await open(path);
  const { size } = await file.stat();
  if (count === 0) return { offset: size, missing: 0 };
  let seen = 0;
  for (let end = size; end > 0; end -= CHUNK) {
    const start = Math.max(0, end - CHUNK);
    const chunk = await readAt(file, start, end - start);
    for (let at = chunk.lastIndexOf(NEWLINE); at >= 0; at = at === 0 ? -1 : chunk.lastIndexOf(NEWLINE, at - 1)) {
      // the newline at the very end closes the last line and begins none
      if (start + at + 1 < size && ++seen === count) return { offset: start + at + 1, missing: 0 };
    }
  }
  const lines = size === 0 ? 0 : seen + 1;
  return { offset: 0, missing: count - lines };
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
