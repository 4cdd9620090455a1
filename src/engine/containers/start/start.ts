// Starts a container: network, shim with everything prepared, waiting clients attached, rules written, then go. A
// failure at any point takes all of it back and leaves the container as it was, with the reason and an exit code.
import { rm } from 'node:fs/promises';
import { launchPlan } from '../../shim/launch-plan.ts';
import { explainTakenPort } from '../../networks/port-holder.ts';
import { startFailure } from '../../shim/errors.ts';
import { failureError, failureFrom } from '../../shim/failure.ts';
import { PHASES } from '../../shim/records.ts';
import { endShim, ShimClient } from '../../shim/shim-client.ts';
import { attachWaiting, dropWaiting } from '../attach.ts';
import type { Container } from '../container.ts';
import { emit, pathsOf, type Containers } from '../context.ts';
import { shimListener } from '../exit.ts';
import { endFileJobs } from '../files/container-root.ts';
import { followLinks } from '../follow-links.ts';
import { watchHealth } from '../health/monitor.ts';
import { mustDo } from '../life-cycle.ts';
import { formatTime, NEVER, nowNanoseconds } from '../time.ts';
import { planInput } from './plan-input.ts';
import { closeSandbox, openSandbox, type Sandbox } from './sandbox.ts';
import { giveVolumes, takeVolumes } from './use-volumes.ts';

/** Starts it for a client. Throws engine/not-modified when it runs, or what went wrong in Docker's words. */
export async function startContainer(containers: Containers, container: Container): Promise<void> {
  await containers.store.own(container, async () => {
    mustDo('start', container.record);
    container.restartDelay = 0;
    container.setState({ restartCount: 0, manuallyStopped: false });
    await startOwned(containers, container);
  });
}

/** The same for who owns the container already. */
export async function startOwned(containers: Containers, container: Container): Promise<void> {
  await container.cleanup;
  await endFileJobs(container);
  container.stopRequested = false;
  const { startedAt } = container.record.state;
  try {
    await run(containers, container);
  } catch (error) {
    container.setState({ startedAt });
    throw await noteFailure(containers, container, error);
  }
}

async function run(containers: Containers, container: Container): Promise<void> {
  const waiting = { signal: containers.engine.signal };
  const sandbox = await openSandbox(containers, container, waiting);
  await using undo = new AsyncDisposableStack();
  undo.defer(async () => closeSandbox(containers, container));
  undo.defer(async () => giveVolumes(containers, container.record));
  await takeVolumes(containers, container.record);
  const shim = await prepare(containers, container, sandbox, undo);
  await attachWaiting(containers, container);
  if (sandbox.networks.length > 0) {
    undo.defer(async () => containers.networks.driver.unpublish(sandbox.net, waiting));
    await containers.networks.driver.publish(sandbox.net, sandbox.networks, waiting);
  }
  noteRunning(containers, container);
  await shim.go();
  undo.move();
  emit(containers, container, 'start');
  watchHealth(containers, container, { fresh: true });
  container.links = followLinks(containers, container).catch((error: unknown) => {
    containers.engine.log.error('links were not followed', { container: container.id, error });
  });
}

/** Launches the shim and waits until only execve is left. */
async function prepare(
  containers: Containers,
  container: Container,
  sandbox: Sandbox,
  undo: AsyncDisposableStack,
): Promise<ShimClient> {
  const { driver } = containers.networks;
  const network = sandbox.networks.length === 0 ? [] : await driver.planContainer(sandbox.net, sandbox.networks);
  const plan = launchPlan(planInput(containers, container, network));
  const dir = pathsOf(containers, container.id).run;
  await containers.zygote.launch(dir, plan);
  const { client, state } = await ShimClient.connect(dir, shimListener(containers, container));
  container.shim = client;
  undo.defer(async () => giveUp(containers, container));
  if (state.phase === PHASES.failed) throw failureError(failureFrom(state));
  container.setState({ pid: state.pid });
  return client;
}

/** Ends a shim whose container will not run; what it had made goes with it. */
async function giveUp(containers: Containers, container: Container): Promise<void> {
  const { shim } = container;
  container.shim = undefined;
  if (shim !== undefined) await endShim(shim);
  await rm(pathsOf(containers, container.id).run, { recursive: true, force: true });
}

/** Committed before go: a daemon that dies right after it finds a running container, never a forgotten one. */
function noteRunning({ store }: Containers, container: Container): void {
  container.setState({
    status: 'running',
    exitCode: 0,
    error: '',
    oomKilled: false,
    startedAt: formatTime(nowNanoseconds()),
  });
  store.save(container);
}

/** A container that could not start keeps its old state, the words and an exit code; one with --rm goes. */
async function noteFailure(containers: Containers, container: Container, cause: unknown): Promise<Error> {
  const { config } = container.record;
  const context = {
    argv: [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])],
    user: config.User ?? '',
    cwd: config.WorkingDir ?? '',
  };
  const { error, exitCode } = startFailure(await explainTakenPort(cause), context);
  const wasStarted = container.record.state.finishedAt !== NEVER;
  container.setState({ status: wasStarted ? 'exited' : 'created', pid: 0, exitCode, error: error.message });
  containers.store.save(container);
  dropWaiting(container);
  container.announceEnd({ exitCode, error: error.message });
  if (container.record.host.AutoRemove === true) await containers.commands.remove(container);
  return error;
}
