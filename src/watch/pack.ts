// Packs changed paths of this machine into a tar: owner, mode and time kept, links as links. What vanishes or shrinks
// while it is read is told and left to the next batch.
import { constants } from 'node:fs';
import type { Stats } from 'node:fs';
import { lstat, open, readlink, type FileHandle } from 'node:fs/promises';
import { once } from 'node:events';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type { Header, Pack } from 'tar-stream';
import { copyOf, type Mapping } from './rule.ts';

/** A path that is there. */
export interface Entry {
  readonly mapping: Mapping;
  readonly stats: Stats;
}

/** What was found of the paths of a batch. */
export interface Looked {
  readonly present: readonly Entry[];
  readonly missing: readonly Mapping[];
}

type Headers = Partial<Header> & Pick<Header, 'name'>;

/** How many paths are looked at side by side. */
const LOOK_AT_ONCE = 64;
/** Larger files are read and sent in pieces, in bytes. */
const PIECE = 1024 * 1024;

/** Looks which paths exist, those aside whose copies are `gone` as well; of what went with a folder, or for a file in its place, only that is told. Sockets, pipes and devices are neither copied nor deleted. */
export async function look(mappings: readonly Mapping[], gone: ReadonlySet<string>): Promise<Looked> {
  const present: Entry[] = [];
  const missing: Mapping[] = [];
  for (let from = 0; from < mappings.length; from += LOOK_AT_ONCE) {
    const some = mappings.slice(from, from + LOOK_AT_ONCE);
    const found = await Promise.all(some.map(async ({ path }) => await statIfThere(path)));
    for (const [index, mapping] of some.entries()) {
      const stats = found[index];
      if (stats === undefined) {
        if (!gone.has(copyOf(mapping))) missing.push(mapping);
      } else if (stats.isFile() || stats.isDirectory() || stats.isSymbolicLink()) present.push({ mapping, stats });
    }
  }
  const replaced = present.filter(({ stats }) => !stats.isDirectory()).map(({ mapping }) => mapping);
  return { present, missing: topmost(missing, replaced) };
}

/** Those of `missing` that are below none of the others and none of `replaced`. */
function topmost(missing: readonly Mapping[], replaced: readonly Mapping[]): readonly Mapping[] {
  const copies = new Set([...missing, ...replaced].map(copyOf));
  const isBelowOther = (copy: string): boolean => {
    for (let above = posix.dirname(copy); above !== '/'; above = posix.dirname(above))
      if (copies.has(above)) return true;
    return false;
  };
  return missing.filter((mapping) => !isBelowOther(copyOf(mapping)));
}

/** A tar of entries under their names, folders before what is in them. Paths whose content changed under the reading are added to `again`. */
export async function pack(entries: readonly Entry[], again: Set<string>): Promise<Readable> {
  const tar = await import('tar-stream');
  const stream = tar.pack();
  const sorted = entries.toSorted((a, b) => (a.mapping.name < b.mapping.name ? -1 : 1));
  fill(stream, sorted, again).catch((error: unknown) => stream.destroy(error as Error));
  return Readable.from(stream);
}

/** A tar of one empty folder, for example `app/src`. */
export async function packFolder(name: string, stats: Pick<Stats, 'mode' | 'uid' | 'gid'>): Promise<Readable> {
  const tar = await import('tar-stream');
  const stream = tar.pack();
  stream.entry({ name: `${name}/`, type: 'directory', mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid });
  stream.finalize();
  return Readable.from(stream);
}

async function fill(stream: Pack, entries: readonly Entry[], again: Set<string>): Promise<void> {
  for (const entry of entries) {
    try {
      if (!(await addEntry(stream, entry))) again.add(entry.mapping.path);
    } catch (error) {
      if (!isGone(error)) throw error;
      again.add(entry.mapping.path);
    }
  }
  stream.finalize();
}

/** False when the content changed while it was read. */
async function addEntry(stream: Pack, { mapping, stats }: Entry): Promise<boolean> {
  if (stats.isDirectory()) return await write(stream, { ...headerOf(mapping, stats), type: 'directory' });
  if (stats.isSymbolicLink()) {
    const linkname = await readlink(mapping.path);
    return await write(stream, { ...headerOf(mapping, stats), type: 'symlink', linkname });
  }
  // a path that became a link or a pipe meanwhile must not be followed or waited for
  const file = await open(mapping.path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const now = await file.stat();
    if (!now.isFile()) return false;
    const header = { ...headerOf(mapping, now), type: 'file' } as const;
    return now.size <= PIECE ? await addSmall(stream, header, file) : await addLarge(stream, header, file);
  } finally {
    await file.close();
  }
}

async function addSmall(stream: Pack, header: Headers, file: FileHandle): Promise<boolean> {
  const bytes = await file.readFile();
  await write(stream, { ...header, size: bytes.length }, bytes);
  return true;
}

async function addLarge(stream: Pack, header: Headers, file: FileHandle): Promise<boolean> {
  const size = header.size ?? 0;
  const done = Promise.withResolvers<undefined>();
  const sink = stream.entry(header, (error) => (error ? done.reject(error) : done.resolve(undefined)));
  let whole = true;
  for (let at = 0; at < size;) {
    const piece = Buffer.alloc(Math.min(PIECE, size - at));
    const { bytesRead } = await file.read(piece, 0, piece.length, at);
    whole &&= bytesRead === piece.length;
    // the tar has promised this size: what is no longer there is sent as zeros, and the file again in the next batch
    if (!sink.write(piece)) await once(sink, 'drain');
    at += piece.length;
  }
  sink.end(null);
  await done.promise;
  return whole;
}

async function write(stream: Pack, header: Headers, bytes?: Buffer): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>();
  const done = (error?: Error | null): void => (error ? reject(error) : resolve(undefined));
  if (bytes === undefined) stream.entry(header, done);
  else stream.entry(header, bytes, done);
  await promise;
  return true;
}

/** Tar has whole seconds: two saves in one second would look the same to who compares times, hence the pax record. */
function headerOf(mapping: Mapping, stats: Stats): Headers {
  const { mode, uid, gid, size, mtime, mtimeMs } = stats;
  const name = stats.isDirectory() ? `${mapping.name}/` : mapping.name;
  const pax = { mtime: (mtimeMs / 1000).toFixed(6) };
  return { name, mode: mode & 0o7777, uid, gid, mtime, size: stats.isFile() ? size : 0, pax };
}

async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** True for errors that mean that the path is not, or no longer, what it was. */
function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && GONE.has(String(error.code));
}

const GONE = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'EISDIR', 'ENXIO']);
