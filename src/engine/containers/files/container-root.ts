// Names a container's files to gantry-fs: a running container by its process, a stopped one by its layers and mounts.
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { nativeProgram } from '../../../base/native.ts';
import { GantryError } from '../../../base/error.ts';
import { startFs, type FsJob } from '../../fs-job.ts';
import type { Container } from '../container.ts';
import { pathsOf, type Containers } from '../context.ts';
import { initLayer } from '../init-layer.ts';
import { fillVolumes } from '../start/fill-volumes.ts';
import { isAlive, shortId, type ContainerRecord } from '../record.ts';

/** Starts gantry-fs on a container's files: its arguments are put between the verb and the rest. */
export type StartJob = (verb: string, rest: readonly string[], options: JobOptions) => FsJob;

/** Uses a container's files. */
export type RootUser<T> = (start: StartJob) => Promise<T>;

/** Whose files, and until when they are wanted. */
export interface RootRequest {
  readonly containers: Containers;
  readonly container: Container;
  readonly signal: AbortSignal;
}

interface JobOptions {
  readonly input?: Readable;
  readonly signal: AbortSignal;
}

/**
 * For reading: nothing is locked. What is read of a container that starts meanwhile is a mixture, as of any files that
 * are being written.
 */
export async function readRoot<T>(containers: Containers, container: Container, use: RootUser<T>): Promise<T> {
  const { record } = container;
  if (container.removalStarted) throw gone(record);
  if (isRunning(record)) return await use(runningStart(container));
  await fillVolumes(containers, container);
  const { upper } = pathsOf(containers, record.id);
  return await use(stoppedStart(['--layer', upper, ...layerArgs(containers, record), ...bindArgs(containers, record)]));
}

/** For writing: a container that does not run is held as its owner meanwhile, since its upper folder is mounted. */
export async function writeRoot<T>({ containers, container, signal }: RootRequest, use: RootUser<T>): Promise<T> {
  if (isRunning(container.record)) return await use(runningStart(container));
  await fillVolumes(containers, container);
  const task = async (): Promise<T> => {
    const { record } = container;
    if (container.removalStarted) throw gone(record);
    if (isRunning(record)) return await use(runningStart(container));
    await container.cleanup;
    await endFileJobs(container);
    const { upper, work } = pathsOf(containers, record.id);
    const own = ['--upper', upper, '--work', work];
    return await use(stoppedStart([...layerArgs(containers, record), ...own, ...bindArgs(containers, record)]));
  };
  return await containers.store.own(container, task, { signal });
}

/**
 * Ends what still works in the mounts of a run that is over. Such a job keeps them, and an upper folder that is mounted
 * a second time beside them loses what is written to it.
 */
export async function endFileJobs(container: Container): Promise<void> {
  const why = new GantryError('engine/conflict', `container ${container.record.name} stopped while files were copied`);
  const jobs = [...container.fileJobs];
  for (const job of jobs) job.abort(why);
  await Promise.all(jobs.map(async ({ ended }) => ended));
}

/** Its own changes, without its mounts: the upper folder and what it stands on. */
export function changesArgs(containers: Containers, { record }: Container): readonly string[] {
  return ['--upper', pathsOf(containers, record.id).upper, ...layerArgs(containers, record)];
}

/** It has a process whose files can be reached. */
export function isRunning(record: ContainerRecord): boolean {
  return isAlive(record) && record.state.pid > 0;
}

function stoppedStart(root: readonly string[]): StartJob {
  return (verb, rest, options) => startFs(nativeProgram('gantry-fs'), [verb, ...root, ...rest], options);
}

/** The job is known to the container while it lasts. */
function runningStart(container: Container): StartJob {
  const { id, state } = container.record;
  const root = ['--pid', String(state.pid), '--cgroup', shortId(id)];
  return (verb, rest, options) => {
    const over = new AbortController();
    const signal = AbortSignal.any([options.signal, over.signal]);
    const job = stoppedStart(root)(verb, rest, { ...options, signal });
    const work = { abort: (why: Error) => over.abort(why), ended: job.gone };
    container.fileJobs.add(work);
    void job.gone.then(() => container.fileJobs.delete(work));
    return job;
  };
}

function layerArgs({ engine }: Containers, record: ContainerRecord): readonly string[] {
  return [initLayer(engine.paths.data), ...record.layers].flatMap((layer) => ['--layer', layer]);
}

/** Volumes and binds where the container will have them, and the engine's files in /etc once they exist. */
function bindArgs(containers: Containers, record: ContainerRecord): readonly string[] {
  const { hosts, hostname, resolv } = pathsOf(containers, record.id);
  const etc = [
    [resolv, '/etc/resolv.conf'],
    [hostname, '/etc/hostname'],
    [hosts, '/etc/hosts'],
  ] as const;
  const user = record.mounts.filter((mount) => mount.Type !== 'tmpfs' && existsSync(mount.Source));
  const targets = new Set(user.map((mount) => mount.Destination));
  const sorted = user.toSorted((a, b) => depth(a.Destination) - depth(b.Destination));
  return [
    ...etc.flatMap(([source, target]) =>
      targets.has(target) || !existsSync(source) ? [] : ['--bind', source, target],
    ),
    ...sorted.flatMap((mount) => [mount.RW ? '--bind' : '--bind-ro', mount.Source, mount.Destination]),
  ];
}

function depth(path: string): number {
  return path.split('/').filter(Boolean).length;
}

function gone({ id }: ContainerRecord): GantryError {
  return new GantryError('engine/not-found', `No such container: ${id}`);
}
