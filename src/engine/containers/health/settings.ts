// What a health check asks for, with Docker's defaults for what it leaves out. Times are milliseconds here.
import type { ContainerConfig } from '../../../api/containers.ts';

/** A health check that is to be run. */
export interface HealthCheck {
  readonly argv: readonly string[];
  /** From the end of one probe to the begin of the next. */
  readonly interval: number;
  readonly timeout: number;
  /** Failures in a row that make it unhealthy. */
  readonly retries: number;
  /** While it starts, failures do not count. */
  readonly startPeriod: number;
  /** The interval within the start period, while no probe has succeeded. */
  readonly startInterval: number;
}

const SECOND = 1000;
const NANO = 1e6;
const DEFAULTS = { interval: 30 * SECOND, timeout: 30 * SECOND, retries: 3, startInterval: 5 * SECOND } as const;
const KINDS: ReadonlySet<string> = new Set(['CMD', 'CMD-SHELL']);
const SHELL = ['/bin/sh', '-c'];

/** A request is refused for less; an image that says so gets the defaults, not a probe without end. */
const LEAST = NANO;

/** The check of a configuration; nothing when there is none, it is switched off with NONE, or it is of no known kind. */
export function healthCheck(config: ContainerConfig): HealthCheck | undefined {
  const health = config.Healthcheck;
  const [kind = '', ...rest] = health?.Test ?? [];
  if (health === null || health === undefined || !KINDS.has(kind) || rest.length === 0) return undefined;
  const time = (nanoseconds: number | null | undefined, fallback: number): number =>
    nanoseconds === null || nanoseconds === undefined || nanoseconds < LEAST ? fallback : nanoseconds / NANO;
  return {
    argv: kind === 'CMD-SHELL' ? [...(config.Shell ?? SHELL), rest.join(' ')] : rest,
    interval: time(health.Interval, DEFAULTS.interval),
    timeout: time(health.Timeout, DEFAULTS.timeout),
    retries: (health.Retries ?? 0) > 0 ? (health.Retries ?? 0) : DEFAULTS.retries,
    startPeriod: time(health.StartPeriod, 0),
    startInterval: time(health.StartInterval, DEFAULTS.startInterval),
  };
}
