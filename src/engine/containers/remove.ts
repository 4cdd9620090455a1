// Removes a container with everything that is its own: files, anonymous volumes if asked, shared memory, record.
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { GantryError } from '../../base/error.ts';
import { removeCgroup } from '../shim/cgroup-root.ts';
import { dropWaiting } from './attach.ts';
import type { Container } from './container.ts';
import { cgroupOf, emit, pathsOf, type Containers } from './context.ts';
import { endFileJobs } from './files/container-root.ts';
import { mustDo } from './life-cycle.ts';
import { killForRemoval } from './stop.ts';

/** What goes with it, and whether it may run. */
export interface RemoveOptions {
  readonly force: boolean;
  /** Its anonymous volumes too. */
  readonly volumes: boolean;
}

/** Removes it for a client. Throws engine/conflict when it runs and is not forced, or is being removed. */
export async function removeContainer(
  containers: Containers,
  container: Container,
  options: RemoveOptions,
): Promise<void> {
  refuseSecond(container);
  if (options.force) await killForRemoval(containers, container);
  await containers.store.own(container, async () => {
    if (containers.store.get(container.id) === undefined) return; // an auto-remove was faster
    refuseSecond(container);
    mustDo('remove', container.record);
    await removeOwned(containers, container, options);
  });
}

/** The same for who owns the container; it does not run any more. */
export async function removeOwned(
  containers: Containers,
  container: Container,
  options: Pick<RemoveOptions, 'volumes'>,
): Promise<void> {
  const before = container.record.state.status;
  container.removalStarted = true;
  container.setState({ status: 'removing' });
  try {
    await container.cleanup.catch(() => undefined); // logged where it began
    await endFileJobs(container);
    await removeFiles(containers, container);
    // volumes go after it, since what a container still refers to is in use
    containers.store.remove(container);
    if (options.volumes) await removeVolumes(containers, container);
  } catch (error) {
    container.removalStarted = false;
    container.setState({ status: before === 'created' ? 'dead' : before });
    throw error;
  }
  emit(containers, container, 'destroy');
  dropWaiting(container);
  container.announceRemoval();
}

async function removeFiles(containers: Containers, container: Container): Promise<void> {
  const paths = pathsOf(containers, container.id);
  // gone already, unless the shim was killed
  removeCgroup(containers.facts.cgroups, cgroupOf(containers, container));
  await rm(paths.run, { recursive: true, force: true });
  await rm(join(containers.engine.paths.run, 'shm', container.id), { recursive: true, force: true });
  await rm(paths.home, { recursive: true, force: true });
}

async function removeVolumes({ volumes }: Containers, { record }: Container): Promise<void> {
  for (const mount of record.mounts) if (mount.anonymous) await volumes.removeAnonymous(mount.Name ?? '');
}

function refuseSecond(container: Container): void {
  if (container.removalStarted)
    throw new GantryError('engine/conflict', `removal of container ${container.id} is already in progress`);
}
