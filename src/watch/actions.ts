// What a worker does beside copying: builds, restarts and commands, told when they begin and how they end.
import { GantryError } from '../base/error.ts';
import type { Docker } from '../client/docker.ts';
import type { WatchReport } from './report.ts';
import type { Rule } from './rule.ts';
import { runHook } from './run-hook.ts';
import type { Targets } from './targets.ts';

/** What the command line does for a watch. */
export interface ServiceActions {
  /** Builds the image and makes the service's containers again; other services stay. */
  rebuild(service: string): Promise<void>;
  restart(service: string): Promise<void>;
}

/** What a worker works with. */
export interface WorkerInput {
  readonly service: string;
  readonly rules: readonly Rule[];
  readonly docker: Docker;
  readonly targets: Targets;
  readonly actions: ServiceActions;
  readonly report: WatchReport;
  /** Content is lost when a container stops: a start needs all again. */
  readonly volatile: boolean;
  readonly signal: AbortSignal;
}

/** What is told of by name. */
export type ActionKind = 'rebuild' | 'restart' | 'exec';

/** Does it; gives whether it worked. A failure is told, and the watch goes on. */
export async function tellAction(
  { service, report }: Pick<WorkerInput, 'service' | 'report'>,
  what: ActionKind,
  work: () => Promise<void>,
): Promise<boolean> {
  const before = performance.now();
  report({ kind: 'began', service, what });
  try {
    await work();
    report({ kind: 'done', service, what, ms: performance.now() - before });
    return true;
  } catch (error) {
    report({ kind: 'failed', service, what, error });
    return false;
  }
}

/** Runs a rule's command in all running containers at once. Throws project/operation-failed when one fails. */
export async function runHooks(
  { docker, targets, service, report, signal }: WorkerInput,
  { exec }: Rule,
): Promise<void> {
  if (exec === undefined) return;
  const output = (stream: 'stdout' | 'stderr', bytes: Buffer): void =>
    report({ kind: 'output', service, stream, bytes });
  const containers = (await targets.of(service)).filter(({ state }) => state === 'running');
  const codes = await Promise.all(
    containers.map(async ({ id }) => await runHook(docker, id, { hook: exec, output, signal })),
  );
  const bad = codes.find((code) => code !== 0);
  if (bad === undefined) return;
  const command = (exec.command ?? []).join(' ');
  throw new GantryError('project/operation-failed', `"${command}" ended with exit code ${bad}`);
}
