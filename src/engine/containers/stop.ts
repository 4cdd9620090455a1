// Stops, kills and restarts: signals, the patience between them, and what each means for the restart policy.
import { setTimeout as delay } from 'node:timers/promises';
import { GantryError, isGantryError } from '../../base/error.ts';
import { freezeCgroup } from '../shim/freezer.ts';
import { failureOf, errnoName } from '../shim/failure.ts';
import type { Container, Ended } from './container.ts';
import { cgroupOf, emit, type Containers } from './context.ts';
import { cancelRestart } from './exit.ts';
import { mayDo, mustDo } from './life-cycle.ts';
import { isAlive } from './record.ts';
import { parseSignal, SIGKILL, SIGTERM } from './signals.ts';
import { startContainer } from './start/start.ts';

/** How a container is to be stopped. */
export interface StopOptions {
  /** Seconds before it is killed; -1 = for ever; nothing = the container's own, else 10. */
  readonly timeout?: number | undefined;
  /** Instead of the container's stop signal. */
  readonly signal?: string | undefined;
}

const DEFAULT_PATIENCE = 10;
/** How long a kill may take before we say that it did not work, ms: longer than a shim waits for a client that does not read. */
const KILL_PATIENCE = 15_000;

/** Stops it and resolves when it has ended. Throws engine/not-modified when it does not run. */
export async function stopContainer(containers: Containers, container: Container, options: StopOptions): Promise<void> {
  const ending = endOf(container);
  const isSignalled = await containers.store.own(container, async () => {
    mustDo('stop', container.record);
    return await beginStop(containers, container, options);
  });
  if (isSignalled) {
    const seconds = options.timeout ?? container.record.config.StopTimeout ?? DEFAULT_PATIENCE;
    if (!(await endedWithin(ending, seconds < 0 ? Infinity : seconds * 1000)))
      await killNow(containers, container, ending);
  }
  await container.cleanup;
  emit(containers, container, 'stop');
}

/** Sends the stop signal; false when only a restart was due and nothing has to be waited for. */
async function beginStop(containers: Containers, container: Container, options: StopOptions): Promise<boolean> {
  container.stopRequested = true;
  container.setState({ manuallyStopped: true });
  if (container.record.state.status === 'restarting') {
    endPause(containers, container);
    return false;
  }
  containers.store.save(container);
  const signal = options.signal || container.record.config.StopSignal;
  await send(containers, container, signal ? parseSignal(signal) : SIGTERM);
  return true;
}

/** Kills a container for good, whatever it does; for removal by force. Resolves when it has ended. */
export async function killForRemoval(containers: Containers, container: Container): Promise<void> {
  const ending = endOf(container);
  const isKilled = await containers.store.own(container, async () => {
    container.stopRequested = true;
    if (container.record.state.status === 'restarting') endPause(containers, container);
    if (!isAlive(container.record)) return false;
    await send(containers, container, SIGKILL);
    return true;
  });
  if (isKilled && !(await endedWithin(ending, KILL_PATIENCE))) throw couldNotKill(container);
}

/** Sends a signal for a client; a kill resolves when the container has ended. */
export async function killContainer(containers: Containers, container: Container, text: string): Promise<void> {
  const signal = parseSignal(text);
  const ending = endOf(container);
  await containers.store.own(container, async () => {
    mustDo('kill', container.record);
    noteKill(containers, container, signal);
    await send(containers, container, signal);
  });
  if (signal === SIGKILL && !(await endedWithin(ending, KILL_PATIENCE))) throw couldNotKill(container);
}

/** Every kill counts as a person's; the policy is held off only by one that is meant to end the container. */
function noteKill(containers: Containers, container: Container, signal: number): void {
  const stopSignal = container.record.config.StopSignal;
  container.setState({ manuallyStopped: true });
  if (signal === SIGKILL || !stopSignal || signal === parseSignal(stopSignal)) container.stopRequested = true;
  containers.store.save(container);
}

/** Stops it if it runs, then starts it. */
export async function restartContainer(
  containers: Containers,
  container: Container,
  options: StopOptions,
): Promise<void> {
  mayDo('restart', container.record);
  container.isRestarting = true;
  try {
    if (mayDo('stop', container.record)) await stopContainer(containers, container, options).catch(passStopped);
    await startContainer(containers, container);
  } finally {
    container.isRestarting = false;
  }
  emit(containers, container, 'restart');
}

/** One that ended by itself meanwhile is stopped as well as any. */
function passStopped(error: unknown): void {
  if (!isGantryError(error, 'engine/not-modified')) throw error;
}

async function killNow(containers: Containers, container: Container, ending: Promise<Ended>): Promise<void> {
  await containers.store.own(container, async () => {
    if (isAlive(container.record)) await send(containers, container, SIGKILL);
  });
  if (!(await endedWithin(ending, KILL_PATIENCE))) throw couldNotKill(container);
}

/** Sends it; one that is already ending is no failure. A paused container can act only on what ends it when it is thawed. */
async function send(containers: Containers, container: Container, signal: number): Promise<void> {
  try {
    await container.shim?.signal(signal);
  } catch (error) {
    if (
      errnoName(failureOf(error)?.errno ?? 0) !== 'ESRCH' &&
      !(error instanceof GantryError && error.code === 'runtime/shim-lost')
    )
      throw error;
  }
  emit(containers, container, 'kill', { signal: String(signal) });
  const stopSignal = container.record.config.StopSignal;
  const ends = signal === SIGKILL || signal === (stopSignal ? parseSignal(stopSignal) : SIGTERM);
  if (container.record.state.status !== 'paused' || !ends) return;
  await freezeCgroup(containers.facts.cgroups, cgroupOf(containers, container), false);
  container.setState({ status: 'running' });
}

function endPause(containers: Containers, container: Container): void {
  cancelRestart(container);
  container.setState({ status: 'exited' });
  containers.store.save(container);
  container.announceEnd({ exitCode: container.record.state.exitCode, error: '' });
}

async function endOf(container: Container): Promise<Ended> {
  return await new Promise((resolve) => container.onEnd(resolve));
}

async function endedWithin(ending: Promise<Ended>, milliseconds: number): Promise<boolean> {
  if (milliseconds === Infinity) return await ending.then(() => true);
  const timer = new AbortController();
  const ended = ending.then(() => true);
  const late = delay(milliseconds, false, { signal: timer.signal, ref: false }).catch(() => false);
  try {
    return await Promise.race([ended, late]);
  } finally {
    timer.abort();
  }
}

function couldNotKill({ id }: Container): GantryError {
  return new GantryError(
    'engine/internal',
    `cannot kill container: ${id}: tried to kill container, but did not receive an exit event`,
  );
}
