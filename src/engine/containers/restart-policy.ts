// Whether a container that ended runs again, and after which pause (Docker's restart manager).
import type { Container } from './container.ts';
import type { ContainerRecord } from './record.ts';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 60_000;
/** A run this long makes the next pause short again, ms. */
const GOOD_RUN = 10_000;

/** Milliseconds until the next run, or nothing when there is none. Doubles the container's pause for the next time. */
export function restartPause(
  container: Container,
  run: { readonly exitCode: number; readonly ran: number },
): number | undefined {
  if (container.stopRequested || !wantsRestart(container.record, run.exitCode)) return undefined;
  const doubled = container.restartDelay === 0 || run.ran >= GOOD_RUN ? FIRST_PAUSE : container.restartDelay * 2;
  container.restartDelay = Math.min(doubled, LONGEST_PAUSE);
  return container.restartDelay;
}

function wantsRestart({ host, state }: ContainerRecord, exitCode: number): boolean {
  const { Name, MaximumRetryCount } = host.RestartPolicy ?? {};
  if (Name === 'always' || Name === 'unless-stopped') return true;
  const most = MaximumRetryCount ?? 0;
  return Name === 'on-failure' && exitCode !== 0 && (most === 0 || state.restartCount < most);
}

/** Whether the policy brings a container back when the engine starts. */
export function restartsWithEngine({ host, state }: ContainerRecord): boolean {
  const name = host.RestartPolicy?.Name;
  if (name === 'always') return true;
  if (name === 'unless-stopped') return !state.manuallyStopped;
  return name === 'on-failure' && state.exitCode !== 0 && !state.manuallyStopped;
}
