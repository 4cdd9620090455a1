// Files of a container as tar, in and out, for the archive and export routes.
import { createReadStream } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { plainBytes } from '../../decompress.ts';
import { outcome, type FsJob } from '../../fs-job.ts';
import type { Container } from '../container.ts';
import { emit, pathsOf, type Containers } from '../context.ts';
import { isRunning, readRoot, writeRoot } from './container-root.ts';
import { checkWritable, notFolder, readFailure, writeFailure, type Asked } from './failures.ts';
import { receiveArchive } from './incoming.ts';
import type { ArchivePath } from './path-rules.ts';
import { isFolder, MAX_STAT, parseStat, type PathStat } from './path-stat.ts';

/** One request for a path of a container. */
export interface PathRequest {
  readonly containers: Containers;
  readonly container: Container;
  /** As the client named the container. */
  readonly reference: string;
  readonly path: ArchivePath;
  readonly signal: AbortSignal;
}

/** An archive that is being made. */
export interface OutgoingArchive {
  readonly stat: PathStat;
  /** Writes it; throws when it could not be made whole. */
  readonly send: (out: Writable) => Promise<void>;
}

/** What a path is. Throws engine/not-found. */
export async function statPath(request: PathRequest): Promise<PathStat> {
  const { containers, container, path, signal } = request;
  const answer = await readRoot(containers, container, async (start) =>
    outcome(start('stat', pathArgs(path), { signal })),
  );
  if (!Buffer.isBuffer(answer)) throw readFailure(answer, askedOf(request));
  return checkKind(parseStat(answer.toString('utf8').replace(/\0$/, '')), request);
}

/** The archive of a path. */
export async function getArchive(request: PathRequest): Promise<OutgoingArchive> {
  const { containers, container, path, signal } = request;
  return await readRoot(containers, container, async (start) => {
    const job = start('get', [...pathArgs(path), '--name', path.name], { signal });
    const stat = checkKind(await readHead(job, request), request, job);
    emit(containers, container, 'archive-path');
    return { stat, send: async (out: Writable) => send(job, out, request) };
  });
}

/** The whole file system of a container without its mounts. */
export async function exportContainer(request: Omit<PathRequest, 'path'>): Promise<OutgoingArchive> {
  const { containers, container, signal } = request;
  return await readRoot(containers, container, async (start) => {
    const job = start('get', ['--path', '/', '--alone'], { signal });
    const asked = { ...request, path: { path: '/', name: '/', folder: false, shown: '/' } };
    const stat = await readHead(job, asked);
    emit(containers, container, 'export');
    return { stat, send: async (out: Writable) => send(job, out, asked) };
  });
}

/** How an archive is put. */
export interface PutOptions {
  /** A folder and what is none must not take each other's place. */
  readonly keepKinds: boolean;
  /** `UID:GID` of everything; "" = as the archive says. */
  readonly owner: string;
}

/** Unpacks an archive, compressed or not, into a folder of a container. */
export async function putArchive(request: PathRequest, body: Readable, options: PutOptions): Promise<void> {
  const { containers, container, path, signal } = request;
  checkWritable(container.record, path.path);
  if (isRunning(container.record)) {
    await unpackInto(request, body, options);
  } else {
    // nobody else may have a container that does not run meanwhile: the client must not decide for how long
    await using file = await receiveArchive(pathsOf(containers, container.id).home, body, { signal });
    // by number: a stream of the handle itself would keep it open
    await unpackInto(request, createReadStream('', { fd: file.fd, start: 0, autoClose: false }), options);
  }
  emit(containers, container, 'extract-to-dir');
}

async function unpackInto(request: PathRequest, body: Readable, options: PutOptions): Promise<void> {
  const { path, signal } = request;
  const flags = [
    ...(options.keepKinds ? ['--keep-kinds'] : []),
    ...(options.owner === '' ? [] : ['--owner', options.owner]),
  ];
  await writeRoot(request, async (start) => {
    const input = Readable.from(plainBytes(body, { signal }), { objectMode: false });
    const answer = await outcome(start('put', ['--path', path.path, ...flags], { input, signal }));
    if (!Buffer.isBuffer(answer)) throw writeFailure(answer, { ...askedOf(request), path: path.path });
  });
}

/** Removes paths; those that are not there are no failure. */
export async function deletePaths(request: Omit<PathRequest, 'path'>, paths: readonly string[]): Promise<void> {
  const { container, reference, signal } = request;
  for (const path of paths) checkWritable(container.record, path);
  await writeRoot(request, async (start) => {
    const answer = await outcome(start('delete', ['--', ...paths], { signal }));
    if (!Buffer.isBuffer(answer)) throw writeFailure(answer, { path: answer.path, reference });
  });
}

function pathArgs({ path, folder }: ArchivePath): readonly string[] {
  return ['--path', path, ...(folder ? ['--follow'] : [])];
}

function askedOf({ path, reference }: PathRequest): Asked {
  return { path: path.shown, reference };
}

function checkKind(stat: PathStat, request: PathRequest, job?: FsJob): PathStat {
  if (!request.path.folder || isFolder(stat)) return stat;
  job?.stop();
  throw notFolder(askedOf(request));
}

/** Reads the line before the archive; what follows it stays in the stream. */
async function readHead({ output, ended, stop }: FsJob, request: PathRequest): Promise<PathStat> {
  const chunks: Buffer[] = [];
  for (let size = 0; size < MAX_STAT;) {
    const chunk = await nextChunk(output);
    if (chunk === undefined) break;
    const at = chunk.indexOf(0);
    if (at >= 0) {
      output.unshift(chunk.subarray(at + 1));
      return parseStat(Buffer.concat([...chunks, chunk.subarray(0, at)]).toString('utf8'));
    }
    chunks.push(chunk);
    size += chunk.length;
  }
  stop();
  throw readFailure((await ended) ?? { step: 'get', errno: 'EPROTO', path: '' }, askedOf(request));
}

async function nextChunk(stream: Readable): Promise<Buffer | undefined> {
  for (;;) {
    const chunk = stream.read() as Buffer | null;
    if (chunk !== null) return chunk;
    if (stream.readableEnded || stream.destroyed) return undefined;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const events = ['readable', 'end', 'error', 'close'] as const;
    for (const event of events) stream.once(event, () => resolve(undefined));
    await promise;
  }
}

async function send({ output, ended, stop }: FsJob, out: Writable, request: PathRequest): Promise<void> {
  try {
    await pipeline(output, out, { end: false });
    const failure = await ended;
    if (failure !== undefined) throw readFailure(failure, askedOf(request));
  } finally {
    stop();
  }
}
