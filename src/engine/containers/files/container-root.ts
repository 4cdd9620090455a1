// Names a container's files to gantry-fs: a running container by its process, a stopped one by its layers and mounts.
import { existsSync } from 'node:fs';
import { nativeProgram } from '../../../base/native.ts';
import { GantryError } from '../../../base/error.ts';
import type { Container } from '../container.ts';
import { pathsOf, type Containers } from '../context.ts';
import { initLayer } from '../init-layer.ts';
import { fillVolumes } from '../start/fill-volumes.ts';
import { isAlive, shortId, type ContainerRecord } from '../record.ts';

/** Arguments of gantry-fs for a container's files, valid while `use` runs. */
export type RootUser<T> = (args: readonly string[], program: string) => Promise<T>;

/**
 * For reading: nothing is locked. What is read of a container that starts meanwhile is a mixture, as of any files that
 * are being written.
 */
export async function readRoot<T>(containers: Containers, container: Container, use: RootUser<T>): Promise<T> {
  const { record } = container;
  if (container.removalStarted) throw gone(record);
  if (isRunning(record)) return await use(runningRoot(record), nativeProgram('gantry-fs'));
  await fillVolumes(containers, container);
  const { upper } = pathsOf(containers, record.id);
  const args = ['--layer', upper, ...layerArgs(containers, record), ...bindArgs(containers, record)];
  return await use(args, nativeProgram('gantry-fs'));
}

/** For writing: a container that does not run is held as its owner meanwhile, since its upper folder is mounted. */
export async function writeRoot<T>(containers: Containers, container: Container, use: RootUser<T>): Promise<T> {
  const program = nativeProgram('gantry-fs');
  if (isRunning(container.record)) return await use(runningRoot(container.record), program);
  await fillVolumes(containers, container);
  return await containers.store.own(container, async () => {
    const { record } = container;
    if (container.removalStarted) throw gone(record);
    if (isRunning(record)) return await use(runningRoot(record), program);
    await container.cleanup;
    const { upper, work } = pathsOf(containers, record.id);
    const own = ['--upper', upper, '--work', work];
    return await use([...layerArgs(containers, record), ...own, ...bindArgs(containers, record)], program);
  });
}

/** Its own changes, without its mounts: the upper folder and what it stands on. */
export function changesArgs(containers: Containers, { record }: Container): readonly string[] {
  return ['--upper', pathsOf(containers, record.id).upper, ...layerArgs(containers, record)];
}

function isRunning(record: ContainerRecord): boolean {
  return isAlive(record) && record.state.pid > 0;
}

function runningRoot({ id, state }: ContainerRecord): readonly string[] {
  return ['--pid', String(state.pid), '--cgroup', shortId(id)];
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
