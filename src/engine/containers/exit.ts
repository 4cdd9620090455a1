// What happens when a container's process ends: the shim is dismissed, addresses and ports are given back, the end is
// committed and announced, and the policy decides whether it runs again.
import { rm } from 'node:fs/promises';
import { isGantryError, messageOf } from '../../base/error.ts';
import { PHASES } from '../shim/records.ts';
import { ShimClient, type ExitReport, type ShimListener } from '../shim/shim-client.ts';
import type { Container } from './container.ts';
import { emit, pathsOf, type Containers } from './context.ts';
import { execKey } from './exec-types.ts';
import { unwatchHealth, watchHealth } from './health/monitor.ts';
import { mayDo } from './life-cycle.ts';
import { isAlive } from './record.ts';
import { lostShimReport } from './exit-record.ts';
import { restartPause } from './restart-policy.ts';
import { bridgesOf, closeSandbox, containerNet } from './start/sandbox.ts';
import { giveVolumes } from './start/use-volumes.ts';
import { formatTime, milliseconds, nowNanoseconds } from './time.ts';

/** 128 + SIGKILL. */
const KILLED = 137;

/** Hears a container's shim. */
export function shimListener(containers: Containers, container: Container): ShimListener {
  return {
    exited: (report) => guard(containers, container, async () => exited(containers, container, report)),
    oomKilled: () => guard(containers, container, async () => noteOom(containers, container)),
    execExited: (key, status) => guard(containers, container, async () => noteExecEnd(container, key, status)),
    closed: () => guard(containers, container, async () => shimLost(containers, container)),
  };
}

/** Ends a run as its owner. Also for runs that ended while no daemon was there. */
export async function endRun(containers: Containers, container: Container, report: ExitReport): Promise<void> {
  for (const exec of container.execs.values()) if (exec.status === 'running') exec.end(report.status);
  unwatchHealth(container);
  await release(containers, container);
  const ran = Number(report.finishedNs / 1_000_000n) - milliseconds(container.record.state.startedAt);
  const pause = restartPause(container, { exitCode: report.status, ran });
  container.setState({
    status: pause === undefined ? 'exited' : 'restarting',
    pid: 0,
    exitCode: report.status,
    oomKilled: container.record.state.oomKilled || report.oom !== 0,
    finishedAt: formatTime(report.finishedNs),
  });
  saveEnd(containers, container);
  emit(containers, container, 'die', {
    exitCode: String(report.status),
    execDuration: String(Math.max(0, Math.floor(ran / 1000))),
  });
  container.announceEnd({ exitCode: report.status, error: container.record.state.error });
  if (pause !== undefined) scheduleRestart(containers, container, pause);
  else if (container.record.host.AutoRemove === true && !container.isRestarting)
    await containers.commands.remove(container);
}

/** On a full disk an end is told all the same: it has happened. */
function saveEnd({ store, engine }: Containers, container: Container): void {
  try {
    store.save(container);
  } catch (error) {
    engine.log.error('end of a container was not stored', { container: container.id, error });
  }
}

/** Runs it again after a pause, unless it was stopped, started or removed meanwhile. */
export function scheduleRestart(containers: Containers, container: Container, pause: number): void {
  container.restartTimer = setTimeout(
    () => guard(containers, container, async () => restart(containers, container)),
    pause,
  );
}

/** A pause before a restart ends without one. */
export function cancelRestart(container: Container): void {
  clearTimeout(container.restartTimer);
  container.restartTimer = undefined;
}

async function exited(containers: Containers, container: Container, report: ExitReport): Promise<void> {
  await containers.store.own(container, async () => {
    if (isAlive(container.record)) await endRun(containers, container, report);
  });
}

async function restart(containers: Containers, container: Container): Promise<void> {
  await containers.store.own(container, async () => {
    if (containers.engine.signal.aborted || !mayDo('autoRestart', container.record)) return;
    container.setState({ restartCount: container.record.state.restartCount + 1 });
    await containers.commands.start(container);
  });
}

/** The shim's resources go before anyone hears of the end, so that ports are free by then; rules follow in the writer's order. */
async function release(containers: Containers, container: Container): Promise<void> {
  const { driver } = containers.networks;
  const net = containerNet(containers, container.record);
  const hasRules = bridgesOf(containers, container.record).length > 0;
  const { shim } = container;
  container.shim = undefined;
  container.cleanup = hasRules ? driver.unpublish(net, { signal: containers.engine.signal }) : Promise.resolve();
  container.cleanup.catch((error: unknown) =>
    containers.engine.log.error('rules were not removed', { container: container.id, error }),
  );
  await shim
    ?.dismiss()
    .catch((error: unknown) =>
      containers.engine.log.warn('shim was not dismissed', { container: container.id, error }),
    );
  shim?.close();
  await rm(pathsOf(containers, container.id).run, { recursive: true, force: true });
  await closeSandbox(containers, container);
  await giveVolumes(containers, container.record);
}

/** The connection ended without an exit: as a rule the shim was killed, and what it ran with it. */
async function shimLost(containers: Containers, container: Container): Promise<void> {
  if (container.shim === undefined) return;
  await containers.store.own(container, async () => {
    if (container.shim === undefined || !isAlive(container.record)) return;
    container.shim = undefined;
    // only a connection may have broken; a shim that answers is no dead one
    if (await adoptShim(containers, container)) return;
    containers.engine.log.error('shim was lost', { container: container.id });
    await endRun(containers, container, await lostShimReport(containers, container));
  });
}

/**
 * Takes a living shim over as the container's owner; false when there is none. A run that has ended meanwhile is ended
 * here too; one that is only prepared never began, and is given up.
 */
export async function adoptShim(containers: Containers, container: Container): Promise<boolean> {
  try {
    const dir = pathsOf(containers, container.id).run;
    const { client, state } = await ShimClient.connect(dir, shimListener(containers, container));
    container.shim = client;
    if (state.phase === PHASES.running) {
      container.setState({ pid: state.pid, oomKilled: container.record.state.oomKilled || state.oom !== 0 });
      watchHealth(containers, container, { fresh: false });
      return true;
    }
    if (state.phase === PHASES.prepared) await client.abort();
    const status = state.phase === PHASES.exited ? state.status : KILLED;
    await endRun(containers, container, { status, oom: state.oom, finishedNs: state.finishedNs || nowNanoseconds() });
    return true;
  } catch (error) {
    if (isGantryError(error, 'runtime/shim-lost')) return false;
    throw error;
  }
}

async function noteOom(containers: Containers, container: Container): Promise<void> {
  container.setState({ oomKilled: true });
  containers.store.save(container);
  emit(containers, container, 'oom');
  await Promise.resolve();
}

async function noteExecEnd(container: Container, key: string, status: number): Promise<void> {
  for (const exec of container.execs.values()) if (execKey(exec.id) === key) exec.end(status);
  await Promise.resolve();
}

/** Work nobody waits for: its failure is logged, never lost. */
function guard(containers: Containers, container: Container, task: () => Promise<void>): void {
  task().catch((error: unknown) => {
    containers.engine.log.error('container event was not handled', {
      container: container.id,
      reason: messageOf(error),
      error,
    });
  });
}
