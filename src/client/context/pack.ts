// A folder as the tar that a build gets: streamed file by file, links as links, owners 0:0 as Docker sends them.
// What an ignore file leaves out is not read.
import { constants, type Stats } from 'node:fs';
import { open, readlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pack as createPack, type Pack } from 'tar-stream';
import { GantryError } from '../../base/error.ts';
import type { IgnoreMatcher } from '../../base/ignore.ts';
import { unreadable, walkContext, type ContextEntry } from './walk.ts';

type HeaderArgument = Parameters<Pack['entry']>[0];

/** What goes into the tar. */
export interface PackOptions {
  /** Absolute. */
  readonly folder: string;
  readonly ignore: IgnoreMatcher;
  /** Paths that go in though they are ignored, if they are there. */
  readonly always: readonly string[];
  /** Files that are not in the folder, or not with this text; they come first. */
  readonly extra: ReadonlyMap<string, string | Uint8Array>;
  readonly signal?: AbortSignal | undefined;
}

/** The tar of a folder. It fails with client/bad-context, naming the file, when one cannot be read. */
export function packContext(options: PackOptions): Readable {
  return Readable.from(bytesOf(options), { objectMode: false });
}

/** Begins with the first read, so that no failure comes before anyone listens. */
async function* bytesOf(options: PackOptions): AsyncGenerator<Buffer, void, undefined> {
  const pack = createPack();
  void fill(pack, options).then(
    () => pack.finalize(),
    (error: unknown) => pack.destroy(error instanceof Error ? error : new Error(String(error))),
  );
  try {
    yield* pack as AsyncIterable<Buffer>;
  } finally {
    pack.destroy();
  }
}

/** A tar of these files and nothing else. */
export function packFiles(files: ReadonlyMap<string, string | Uint8Array>): Readable {
  const pack = createPack();
  for (const [name, content] of files) pack.entry({ ...OWNER, name, mode: 0o600 }, Buffer.from(content));
  pack.finalize();
  return Readable.from(pack as AsyncIterable<Buffer>, { objectMode: false });
}

const OWNER = { uid: 0, gid: 0 } as const;
/** Files up to here are read whole, so that the tar's header tells what was read. */
const SMALL = 1024 * 1024;
const CHUNK = 256 * 1024;

async function fill(pack: Pack, options: PackOptions): Promise<void> {
  for (const [name, content] of options.extra) {
    await add(pack, { ...OWNER, name, mode: 0o600 }, Buffer.from(content));
  }
  const links = new Map<string, string>();
  for await (const entry of walkContext(options)) {
    options.signal?.throwIfAborted();
    if (options.extra.has(entry.path)) continue;
    await addEntry(pack, join(options.folder, entry.path), { entry, links });
  }
}

interface Work {
  readonly entry: ContextEntry;
  /** Names by device and inode of files with several. */
  readonly links: Map<string, string>;
}

async function addEntry(pack: Pack, path: string, { entry, links }: Work): Promise<void> {
  const { stats } = entry;
  const header = headerOf(entry);
  if (stats.isDirectory()) await add(pack, { ...header, name: `${entry.path}/`, type: 'directory' });
  else if (stats.isSymbolicLink()) await add(pack, { ...header, type: 'symlink', linkname: await linkOf(path, entry) });
  else if (stats.isFIFO()) await add(pack, { ...header, type: 'fifo' });
  else if (stats.isFile()) {
    const known = stats.nlink > 1 ? links.get(inode(stats)) : undefined;
    if (known !== undefined) await add(pack, { ...header, type: 'link', linkname: known });
    else await addFile(pack, path, header);
    if (stats.nlink > 1) links.set(inode(stats), entry.path);
  }
  // sockets and devices are left out: they mean nothing elsewhere
}

const inode = (stats: Stats): string => `${stats.dev}:${stats.ino}`;

function headerOf({ path, stats }: ContextEntry): HeaderArgument {
  return { ...OWNER, name: path, mode: stats.mode & 0o7777, mtime: stats.mtime, size: 0 };
}

async function linkOf(path: string, entry: ContextEntry): Promise<string> {
  return await readlink(path).catch((error: unknown) => {
    throw unreadable(entry.path, error);
  });
}

async function addFile(pack: Pack, path: string, header: HeaderArgument): Promise<void> {
  let file: FileHandle;
  try {
    // not through a link that took the file's place meanwhile
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    throw unreadable(header.name, error);
  }
  try {
    const { size } = await file.stat();
    if (size <= SMALL) await add(pack, header, await file.readFile());
    else await addLarge(pack, file, { ...header, size });
  } catch (error) {
    throw error instanceof GantryError ? error : unreadable(header.name, error);
  } finally {
    await file.close();
  }
}

/** What grows meanwhile is cut at the size it had; what shrinks cannot be sent. */
async function addLarge(
  pack: Pack,
  file: FileHandle,
  header: HeaderArgument & { readonly size: number },
): Promise<void> {
  const done = Promise.withResolvers<undefined>();
  const entry = pack.entry(header, (error) => {
    if (error === null || error === undefined) done.resolve(undefined);
    else done.reject(error);
  });
  let left = header.size;
  while (left > 0) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(CHUNK, left)));
    if (bytesRead === 0) {
      const hint = 'build again, or leave the file out in .dockerignore';
      throw new GantryError('client/bad-context', `${header.name} became shorter while it was sent`, { hint });
    }
    left -= bytesRead;
    if (!entry.write(buffer.subarray(0, bytesRead))) await drained(entry);
  }
  entry.end(undefined);
  await done.promise;
}

/** Also when nobody reads any more: the next write then tells. */
async function drained(entry: ReturnType<Pack['entry']>): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const go = (): void => resolve(undefined);
  entry.on('drain', go).on('close', go);
  await promise;
  entry.off('drain', go).off('close', go);
}

async function add(pack: Pack, header: HeaderArgument, content?: Buffer): Promise<void> {
  const done = Promise.withResolvers<undefined>();
  const size = content?.length ?? 0;
  const callback = (error?: Error | null): void => {
    if (error === null || error === undefined) done.resolve(undefined);
    else done.reject(error);
  };
  if (content === undefined) pack.entry({ ...header, size }, callback);
  else pack.entry({ ...header, size }, content, callback);
  await done.promise;
}
