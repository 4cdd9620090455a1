// Brings copies in containers up to date: what is missing here is removed there, the rest goes as one tar a folder, to
// all containers side by side. Starts no process on either side where the engine can remove paths itself.
import { Readable } from 'node:stream';
import type { Docker } from '../client/docker.ts';
import { isHttpError } from '../client/errors.ts';
import { look, pack, packFolder, type Entry, type Looked } from './pack.ts';
import { removePaths } from './remove.ts';
import { copyOf, type Mapping } from './rule.ts';

/** What a sync did. */
export interface Synced {
  readonly copied: readonly Mapping[];
  readonly deleted: readonly Mapping[];
  /** Paths that changed while they were read. */
  readonly again: ReadonlySet<string>;
  /** Containers that could not be brought up to date, and why. */
  readonly failed: ReadonlyMap<string, unknown>;
}

/** A tar up to this size is made once and kept for all containers, in bytes. */
const KEEP = 8 * 1024 * 1024;

/** Where to. */
export interface SyncOptions {
  /** Ids. */
  readonly containers: readonly string[];
  /** Paths in the containers that were deleted there already. */
  readonly gone: ReadonlySet<string>;
  readonly signal: AbortSignal;
}

/** Syncs the copies of these paths. */
export async function syncPaths(docker: Docker, mappings: readonly Mapping[], options: SyncOptions): Promise<Synced> {
  const found = await look(mappings, options.gone);
  const again = new Set<string>();
  const failed = new Map<string, unknown>();
  const bases = [...Map.groupBy(found.present, (entry) => entry.mapping.base)];
  const archives = await Promise.all(bases.map(async ([base, entries]) => await archiveOf(base, entries, again)));
  await Promise.all(
    options.containers.map(async (id) => {
      try {
        // what was saved goes first: editors leave files that come and go beside it
        for (const archive of archives) await send(docker, id, { archive, signal: options.signal });
        await removePaths(docker, id, { paths: found.missing.map(copyOf), signal: options.signal });
      } catch (error) {
        failed.set(id, error);
      }
    }),
  );
  return { ...summary(found), again, failed };
}

function summary(found: Looked): Pick<Synced, 'copied' | 'deleted'> {
  return { copied: found.present.map((entry) => entry.mapping), deleted: found.missing };
}

interface Archive {
  readonly base: string;
  /** What the base is made like where it is missing. */
  readonly like: Entry['stats'] | undefined;
  /** A new reading of the tar. */
  readonly open: () => Promise<Readable>;
}

async function archiveOf(base: string, entries: readonly Entry[], again: Set<string>): Promise<Archive> {
  const root = entries.find(({ mapping }) => mapping.name === '.');
  const like = root?.stats ?? entries.find(({ stats }) => stats.isDirectory())?.stats;
  const size = entries.reduce((sum, { stats }) => sum + stats.size + 1536, 0);
  const open = async (): Promise<Readable> => await pack(entries, again);
  if (size > KEEP) return { base, like, open };
  const chunks: Buffer[] = [];
  for await (const chunk of (await open()) as AsyncIterable<Buffer>) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  return { base, like, open: () => Promise.resolve(Readable.from([bytes])) };
}

interface Sending {
  readonly archive: Archive;
  readonly signal: AbortSignal;
}

/** A folder that is not there yet is made first: the engine extracts only into one that is. */
async function send(docker: Docker, id: string, { archive, signal }: Sending): Promise<void> {
  const put = async (path: string, input: Readable): Promise<void> => {
    const url = `/containers/${encodeURIComponent(id)}/archive`;
    await docker.modem.read({ method: 'PUT', path: url, query: { path }, input, abortSignal: signal });
  };
  try {
    await put(archive.base, await archive.open());
  } catch (error) {
    if (archive.base === '/' || !isHttpError(error, 404) || error.message.includes('No such container')) throw error;
    const like = archive.like ?? { mode: 0o755, uid: 0, gid: 0 };
    await put('/', await packFolder(archive.base.slice(1), like));
    await put(archive.base, await archive.open());
  }
}
