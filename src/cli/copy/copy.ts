// Copies between this machine and a container, as `docker cp` does it.
import type { IncomingMessage } from 'node:http';
import type { Readable, Writable } from 'node:stream';
import { PassThrough, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { posix } from 'node:path';
import { GantryError } from '../../base/error.ts';
import type { Container } from '../../client/container.ts';
import { isHttpError } from '../../client/errors.ts';
import { baseName, copyTarget, type CopyInfo, type CopyTarget } from './copy-paths.ts';
import { localDestination, localSource, packLocal, unpackLocal } from './local-tree.ts';

/** How and where. */
export interface CopyOptions {
  readonly cwd: string;
  /** A symlink given as the source is followed. */
  readonly follow: boolean;
  /** Everything becomes the user's that the container runs as. */
  readonly archive: boolean;
  readonly stdin: Readable;
  readonly stdout: Writable;
  /** What messages call the container. */
  readonly name: string;
  readonly signal: AbortSignal;
}

/** A copy that was made: so many bytes of tar, to where. */
export interface Copied {
  readonly bytes: number;
  readonly to: string;
}

interface PathStat {
  readonly mode: number;
  readonly linkTarget: string;
}

const FOLDER = 2 ** 31;
const SYMLINK = 2 ** 27;
/** Go's bits for what is neither a folder nor a regular file. */
const SPECIAL = 2 ** 27 + 2 ** 26 + 2 ** 25 + 2 ** 24 + 2 ** 21;

/** Copies a container's path to this machine; to `-` as a tar. Undefined when it went to stdout. */
export async function copyFrom(
  container: Container,
  source: string,
  destination: string,
  options: CopyOptions,
): Promise<Copied | undefined> {
  const local = destination === '-' ? undefined : await localDestination(destination, options);
  const { path, name } = await followed(container, source, options);
  const answer = await container.getArchive({ path, abortSignal: options.signal });
  if (local === undefined) {
    await pipeline(answer, options.stdout, { end: false });
    return undefined;
  }
  const isFolder = hasBits(statOf(answer).mode, FOLDER);
  const target = copyTarget({ path, exists: true, isFolder, ...(name === undefined ? {} : { name }) }, local);
  const { counter, count } = counting();
  answer.pipe(counter);
  answer.once('error', (error) => counter.destroy(error));
  await unpackLocal(counter, target, baseName(path));
  return { bytes: count(), to: local.path };
}

/** Copies a path of this machine, or a tar from `-`, into a container. */
export async function copyTo(
  container: Container,
  source: string,
  destination: string,
  options: CopyOptions,
): Promise<Copied> {
  const into = await containerDestination(container, destination, options);
  const put = async (folder: string, tar: Readable): Promise<Copied> => {
    const { counter, count } = counting();
    tar.once('error', (error) => counter.destroy(error));
    const common = { path: folder, noOverwriteDirNonDir: true, copyUIDGID: options.archive };
    await container.putArchive(tar.pipe(counter), { ...common, abortSignal: options.signal });
    return { bytes: count(), to: `${options.name}:${destination}` };
  };
  if (source === '-') {
    if (!into.isFolder)
      throw new GantryError('usage/invalid-flag', `destination "${options.name}:${destination}" must be a directory`);
    return await put(into.path, options.stdin.pipe(new PassThrough()));
  }
  const info = await localSource(source, options);
  const target: CopyTarget = copyTarget(info, into);
  const { stream, done } = await packLocal(info, target.name, options.follow);
  const [copied] = await Promise.all([put(target.folder, stream), done]);
  return copied;
}

/** With -L a symlink's own target is copied, under the symlink's name. */
async function followed(
  container: Container,
  source: string,
  { follow, signal }: CopyOptions,
): Promise<{ readonly path: string; readonly name?: string }> {
  if (!follow) return { path: source };
  const stat = statOf(await container.infoArchive({ path: source, abortSignal: signal }));
  if (!hasBits(stat.mode, SYMLINK)) return { path: source };
  return { path: posix.resolve('/', posix.dirname(source), stat.linkTarget), name: baseName(source) };
}

/** A destination that is not there is as good: then its folder has to be. */
async function containerDestination(
  container: Container,
  path: string,
  { name, signal }: CopyOptions,
): Promise<CopyInfo> {
  const look = async (at: string): Promise<PathStat | undefined> => {
    try {
      return statOf(await container.infoArchive({ path: at, abortSignal: signal }));
    } catch (error) {
      if (isHttpError(error, 400, 404, 500)) return undefined;
      throw error;
    }
  };
  const first = await look(path);
  const isLink = first !== undefined && hasBits(first.mode, SYMLINK);
  const real = isLink ? posix.resolve('/', posix.dirname(path), first.linkTarget) : path;
  const stat = isLink ? await look(real) : first;
  if (stat !== undefined && !hasBits(stat.mode, FOLDER) && (stat.mode & SPECIAL) !== 0)
    throw new GantryError('usage/invalid-flag', `destination "${name}:${path}" must be a directory or a regular file`);
  return { path: real, exists: stat !== undefined, isFolder: stat !== undefined && hasBits(stat.mode, FOLDER) };
}

/** What the header of an archive answer says. */
function statOf({ headers }: IncomingMessage): PathStat {
  const text = Buffer.from(String(headers['x-docker-container-path-stat'] ?? ''), 'base64').toString('utf8');
  try {
    return JSON.parse(text) as PathStat;
  } catch (cause) {
    throw new GantryError('client/protocol', 'the engine does not say what the path is', { cause });
  }
}

/** Bits of Go's FileMode reach beyond what `&` takes as positive. */
function hasBits(mode: number, bit: number): boolean {
  return Math.floor(mode / bit) % 2 === 1;
}

function counting(): { readonly counter: Transform; readonly count: () => number } {
  let bytes = 0;
  const counter = new Transform({
    transform: (chunk: Buffer, _encoding, next) => {
      bytes += chunk.length;
      next(undefined, chunk);
    },
  });
  return { counter, count: () => bytes };
}
