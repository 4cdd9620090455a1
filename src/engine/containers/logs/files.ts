// The files of one log: the one being written and the rotated ones, and where its last lines begin.
import { open, stat, type FileHandle } from 'node:fs/promises';

const CHUNK = 65_536;
const NEWLINE = 10;
/** More rotated files than anyone keeps. */
const MAX_FILES = 1000;

/** Where reading begins. */
export interface LogStart {
  readonly path: string;
  readonly offset: number;
}

/** Every file, oldest first; the one being written is last and need not exist yet. */
export async function logFiles(path: string): Promise<readonly string[]> {
  const rotated: string[] = [];
  for (let number = 1; number < MAX_FILES; number += 1) {
    if (!(await exists(`${path}.${number}`))) break;
    rotated.unshift(`${path}.${number}`);
  }
  return [...rotated, path];
}

/** The file and offset from which `lines` lines remain; with nothing given, the very beginning. */
export async function tailStart(path: string, lines: number | undefined): Promise<LogStart> {
  const files = await logFiles(path);
  if (lines === undefined) return { path: files[0] ?? path, offset: 0 };
  let left = lines;
  for (const file of files.toReversed()) {
    const found = await lastLines(file, left);
    if (found.missing === 0) return { path: file, offset: found.offset };
    left = found.missing;
  }
  return { path: files[0] ?? path, offset: 0 };
}

/** The inode of an open file or a path, 0 when there is none. */
export async function inodeOf(path: string): Promise<number> {
  return await stat(path).then(
    (stats) => stats.ino,
    () => 0,
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
