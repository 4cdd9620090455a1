// Reads a log from a place on, through rotations, to its end, or on and on while it is still being written.
import { watch } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { inodeOf, logFiles, type LogMark, type LogStart } from './files.ts';

/** How long to go on. */
export interface FollowOptions {
  /** The file that is being written. */
  readonly path: string;
  readonly start: LogStart;
  /** Where reading ends; nothing = at the end of the log. */
  readonly limit?: LogMark | undefined;
  /** Resolves when nothing more will be written; nothing = read what is there. */
  readonly written: Promise<void> | undefined;
  readonly signal: AbortSignal;
}

const CHUNK = 65_536;
const NEWLINE = 10;

/** Batches of complete lines. Ends at the end of the log, after `written` has resolved, or when the signal is aborted. */
export async function* followLog(options: FollowOptions): AsyncGenerator<readonly string[], void, undefined> {
  const changes =
    options.written === undefined ? undefined : watchFolder(dirname(options.path), options.written, options.signal);
  let current: LogStart | undefined = options.start;
  try {
    while (current !== undefined && !options.signal.aborted) {
      const file: FileHandle | undefined = await openFile(current, options.path);
      if (file === undefined) {
        if (changes === undefined || !(await changes.next())) return;
        continue;
      }
      const isLast: boolean = options.limit !== undefined && (await file.stat()).ino === options.limit.inode;
      const limit = isLast ? options.limit?.offset : undefined;
      const reader = { file, limit, offset: current.offset, rest: Buffer.alloc(0) };
      try {
        yield* readOn(reader, options, changes);
        current = isLast ? undefined : await successor(file, options.path);
      } finally {
        await file.close();
      }
    }
  } finally {
    changes?.close();
  }
}

interface Reader {
  readonly file: FileHandle;
  /** Bytes that count; nothing = all. */
  readonly limit: number | undefined;
  offset: number;
  rest: Buffer;
}

/** Until this file is at its end for good: another one follows it, or nothing more will be written. */
async function* readOn(
  reader: Reader,
  options: FollowOptions,
  changes: Changes | undefined,
): AsyncGenerator<readonly string[], void, undefined> {
  for (;;) {
    const isLast = changes === undefined || changes.isOver();
    const isOld = (await inodeOf(options.path)) !== (await reader.file.stat()).ino;
    for (let lines = await nextLines(reader); lines !== undefined; lines = await nextLines(reader)) {
      if (lines.length > 0) yield lines;
      if (options.signal.aborted) return;
    }
    // both were looked at before the last read, so nothing can have been written behind it
    if (isLast || isOld) return;
    if (!(await changes.next())) return;
  }
}

/** The next batch, undefined at the end of the file. One that was cut to nothing is read from its beginning. */
async function nextLines(reader: Reader): Promise<readonly string[] | undefined> {
  const chunk = Buffer.alloc(CHUNK);
  const room = Math.min(CHUNK, (reader.limit ?? Infinity) - reader.offset);
  if (room <= 0) return undefined;
  const { bytesRead } = await reader.file.read(chunk, 0, room, reader.offset);
  if (bytesRead === 0) {
    if (reader.limit !== undefined || (await reader.file.stat()).size >= reader.offset) return undefined;
    reader.offset = 0;
    reader.rest = Buffer.alloc(0);
    return [];
  }
  reader.offset += bytesRead;
  const bytes = Buffer.concat([reader.rest, chunk.subarray(0, bytesRead)]);
  const end = bytes.lastIndexOf(NEWLINE) + 1;
  reader.rest = bytes.subarray(end);
  return end === 0 ? [] : bytes.toString('utf8', 0, end - 1).split('\n');
}

/** The file that was written after this one; nothing when this is the newest. */
async function successor(file: FileHandle, path: string): Promise<LogStart | undefined> {
  const { ino } = await file.stat();
  const files = await logFiles(path);
  const at = files.findIndex(({ inode }) => inode === ino);
  // one that has been rotated away altogether is followed by the oldest that is left
  const next = files[at + 1];
  return next === undefined ? undefined : { ...next, offset: 0 };
}

/** Opens the file that was meant, wherever rotations have moved it; one that is gone is followed by the oldest left. */
async function openFile({ path, inode }: LogStart, log: string): Promise<FileHandle | undefined> {
  for (let at = path; ;) {
    const file = await openIfThere(at);
    if (file !== undefined && (inode === 0 || (await file.stat()).ino === inode)) return file;
    const files = await logFiles(log);
    const moved = files.find((each) => each.inode === inode) ?? files[0];
    if (moved === undefined || moved.path === at || moved.inode !== inode) return file;
    await file?.close();
    at = moved.path;
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

interface Changes {
  /** Resolves at the next change, true; false when nobody wants more. */
  next(): Promise<boolean>;
  /** Whether writing has ended. */
  isOver(): boolean;
  close(): void;
}

/** Changes below a folder; none is lost between two calls of next. */
function watchFolder(folder: string, written: Promise<void>, signal: AbortSignal): Changes {
  let isPending = true;
  let isOver = false;
  let wake: (() => void) | undefined;
  const notify = (): void => {
    isPending = true;
    wake?.();
  };
  const watcher = watch(folder, notify);
  watcher.on('error', notify);
  signal.addEventListener('abort', notify, { once: true });
  void written.then(() => {
    isOver = true;
    notify();
  });
  return {
    async next() {
      if (!isPending) await new Promise<void>((resolve) => (wake = resolve));
      isPending = false;
      return !signal.aborted;
    },
    isOver: () => isOver,
    close: () => watcher.close(),
  };
}
