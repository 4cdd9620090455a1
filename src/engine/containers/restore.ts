// Brings the area back after the daemon was gone: living shims are taken over again, ends that nobody saw are noted,
// and restart policies go on. After a boot everything has ended.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isGantryError } from '../../base/error.ts';
import { sweepCgroups } from '../shim/cgroup-root.ts';
import { endShim, ShimClient } from '../shim/shim-client.ts';
import type { RestoreStart } from '../services.ts';
import type { Container } from './container.ts';
import { pathsOf, type Containers } from './context.ts';
import { adoptShim, endRun, scheduleRestart } from './exit.ts';
import { lostShimReport } from './exit-record.ts';
import { isAlive, shortId, type ContainerRecord } from './record.ts';
import { removeContainer } from './remove.ts';
import { restartsWithEngine } from './restart-policy.ts';
import { nowNanoseconds } from './time.ts';

/** 128 + SIGKILL: what a machine that went down did to everything on it. */
const KILLED = 137;

/** Restores every container; resolves when each is what its record says. Restarts by policy begin then. */
export async function restoreContainers(containers: Containers, start: RestoreStart): Promise<void> {
  await mkdir(join(containers.engine.paths.run, 'c'), { recursive: true, mode: 0o700 });
  const all = containers.store.all();
  for (const { record } of all) hold(containers, record);
  await Promise.all(
    all.map(async (container) => containers.store.own(container, async () => restoreOne(containers, container, start))),
  );
  await sweep(containers);
  for (const container of all) bringBack(containers, container, start);
}

/** Addresses and ports of what may still run are not free. */
function hold({ networks }: Containers, record: ContainerRecord): void {
  const endpoints = Object.values(record.networks).flatMap((member) => member.endpoint ?? []);
  if (endpoints.length > 0 || record.ports.length > 0) networks.adopt(record.id, endpoints, record.ports);
}

async function restoreOne(containers: Containers, container: Container, start: RestoreStart): Promise<void> {
  const { status } = container.record.state;
  if (status === 'removing') container.setState({ status: 'dead' });
  if (!isAlive(container.record)) {
    await endStray(pathsOf(containers, container.id).run);
    return;
  }
  if (start.rebooted) await endRun(containers, container, { status: KILLED, oom: 0, finishedNs: nowNanoseconds() });
  else if (!(await adoptShim(containers, container)))
    await endRun(containers, container, await lostShimReport(containers, container));
}

/** Folders that no record has: a create or remove that was cut short. */
async function sweep(containers: Containers): Promise<void> {
  const { data, run } = containers.engine.paths;
  const known = new Set(containers.store.all().map(({ id }) => id));
  const short = new Set([...known].map(shortId));
  const alive = new Set(containers.store.all().flatMap(({ record }) => (isAlive(record) ? shortId(record.id) : [])));
  sweepCgroups(containers.facts.cgroups, containers.engine.paths.tag, (name) => alive.has(name));
  await sweepFolder(join(data, 'containers'), (name) => known.has(name));
  for (const name of await namesIn(join(run, 'c'))) if (!short.has(name)) await endStray(join(run, 'c', name));
  await sweepFolder(join(run, 'shm'), (name) => known.has(name));
}

/** A shim that no record calls running: the daemon died in the middle of a start or of an end. */
async function endStray(dir: string): Promise<void> {
  try {
    const deaf = { exited: ignore, oomKilled: ignore, execExited: ignore, closed: ignore };
    await endShim((await ShimClient.connect(dir, deaf)).client);
  } catch (error) {
    if (!isGantryError(error, 'runtime/shim-lost')) throw error;
  }
  await rm(dir, { recursive: true, force: true });
}

function ignore(): void {
  // a shim that is being ended has nothing to tell
}

async function sweepFolder(folder: string, isKnown: (name: string) => boolean): Promise<void> {
  const unknown = (await namesIn(folder)).filter((name) => !isKnown(name));
  await Promise.all(unknown.map(async (name) => rm(join(folder, name), { recursive: true, force: true })));
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
}

/** What the policy restarts: pauses that were under way, and after a boot what should run. A build's container goes. */
function bringBack(containers: Containers, container: Container, start: RestoreStart): void {
  const { state, forBuild } = container.record;
  if (forBuild === true) {
    removeContainer(containers, container, { force: true, volumes: true }).catch((error: unknown) =>
      containers.engine.log.error('a container of a build was not removed', { container: container.id, error }),
    );
  } else if (state.status === 'restarting' && container.restartTimer === undefined)
    scheduleRestart(containers, container, 0);
  else if (start.rebooted && state.status === 'exited' && restartsWithEngine(container.record)) {
    containers.store
      .own(container, async () => containers.commands.start(container))
      .catch((error: unknown) =>
        containers.engine.log.error('container was not restarted', { container: container.id, error }),
      );
  }
}
