// Probes a running container again and again, and tells what became of its health. One probe at a time; none while it
// is paused, and none after its end.
import type { Health, HealthResult } from '../../../api/containers.ts';
import { messageOf } from '../../../base/error.ts';
import { formatDuration } from '../../../base/duration.ts';
import type { Container } from '../container.ts';
import { emit, type Containers } from '../context.ts';
import { runCaptured } from '../exec-captured.ts';
import { milliseconds, now } from '../time.ts';
import { healthCheck, type HealthCheck } from './settings.ts';
import { judge, nextPause, STARTING } from './verdict.ts';

const MAX_OUTPUT = 4096;
const TIMED_OUT = -1;

/** Begins to watch a run that has just started (`fresh`), or one that goes on. Without a check there is nothing to do. */
export function watchHealth(
  containers: Containers,
  container: Container,
  { fresh }: { readonly fresh: boolean },
): void {
  const check = healthCheck(container.record.config);
  container.health?.abort();
  container.health = undefined;
  if (check === undefined) return;
  if (fresh || container.record.state.health === undefined) setHealth(containers, container, STARTING);
  const controller = new AbortController();
  container.health = controller;
  schedule(containers, container, { check, signal: controller.signal });
}

/** Stops watching. A container that has ended counts as unhealthy, as Docker has it. */
export function unwatchHealth(container: Container): void {
  container.health?.abort();
  container.health = undefined;
  const { health } = container.record.state;
  if (health !== undefined) container.setState({ health: { ...health, Status: 'unhealthy' } });
}

interface Watch {
  readonly check: HealthCheck;
  readonly signal: AbortSignal;
}

function schedule(containers: Containers, container: Container, watch: Watch): void {
  const { health } = container.record.state;
  const pause = nextPause(health ?? STARTING, { check: watch.check, age: ageOf(container) });
  const timer = setTimeout(() => {
    probe(containers, container, watch).catch((error: unknown) => {
      if (!watch.signal.aborted) containers.engine.log.error('probe failed', { container: container.id, error });
    });
  }, pause);
  watch.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
}

async function probe(containers: Containers, container: Container, watch: Watch): Promise<void> {
  if (container.record.state.status === 'running') {
    const result = await runProbe(containers, container, watch.check);
    // a probe that the container's end cut short says nothing
    if (watch.signal.aborted) return;
    const before = container.record.state.health ?? STARTING;
    setHealth(containers, container, judge(before, result, { check: watch.check, age: ageOf(container) }));
  }
  schedule(containers, container, watch);
}

async function runProbe(
  containers: Containers,
  container: Container,
  { argv, timeout }: HealthCheck,
): Promise<HealthResult> {
  const Start = now();
  try {
    const { exitCode, output } = await runCaptured(containers, container, { argv, timeout, limit: MAX_OUTPUT });
    if (exitCode !== undefined) return { Start, End: now(), ExitCode: exitCode, Output: output };
    return {
      Start,
      End: now(),
      ExitCode: TIMED_OUT,
      Output: `Health check exceeded timeout (${formatDuration(timeout * 1e6)})`,
    };
  } catch (error) {
    return { Start, End: now(), ExitCode: TIMED_OUT, Output: messageOf(error) };
  }
}

function setHealth(containers: Containers, container: Container, health: Health): void {
  const before = container.record.state.health?.Status;
  container.setState({ health });
  containers.store.save(container);
  if (before !== health.Status && health.Status !== 'starting')
    emit(containers, container, `health_status: ${health.Status}`);
}

function ageOf({ record }: Container): number {
  return Date.now() - milliseconds(record.state.startedAt);
}
