// What a probe's result makes of a container's health. Pure.
import type { Health, HealthResult } from '../../../api/containers.ts';
import type { HealthCheck } from './settings.ts';

/** Results that are kept. */
const MAX_LOG = 5;

/** The health at the start of a run. */
export const STARTING: Health = { Status: 'starting', FailingStreak: 0, Log: [] };

/** The health after one more probe, which ended `age` milliseconds after the container's start. */
export function judge(
  before: Health,
  result: HealthResult,
  { check, age }: { check: HealthCheck; age: number },
): Health {
  const Log = [...before.Log, result].slice(-MAX_LOG);
  if (result.ExitCode === 0) return { Status: 'healthy', FailingStreak: 0, Log };
  if (before.Status === 'starting' && age < check.startPeriod) return { ...before, Log };
  const FailingStreak = before.FailingStreak + 1;
  return { Status: FailingStreak >= check.retries ? 'unhealthy' : before.Status, FailingStreak, Log };
}

/** How long to wait for the next probe, ms. */
export function nextPause(health: Health, { check, age }: { check: HealthCheck; age: number }): number {
  return health.Status === 'starting' && age < check.startPeriod ? check.startInterval : check.interval;
}
