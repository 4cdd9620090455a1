// Runs a plan for a verb: shows it only on --dry-run, else executes it with progress on stderr.
import type { Docker } from '../client/docker.ts';
import { execute } from '../project/execute.ts';
import type { EventHub } from '../project/event-hub.ts';
import { explainPlan } from '../project/explain.ts';
import type { Plan } from '../project/plan.ts';
import type { Context } from './context.ts';

/** How to run a plan. */
export interface RunPlanOptions {
  /** Above the live lines. */
  readonly title: string;
  readonly undo?: boolean;
  /** Draw nothing. */
  readonly quiet?: boolean;
  readonly hub?: EventHub;
  /** Default: the command's first signal. */
  readonly signal?: AbortSignal;
}

/** Executes the plan, or prints it on --dry-run; gives whether it was executed. */
export async function runPlan(context: Context, plan: Plan, options: RunPlanOptions): Promise<boolean> {
  if (context.flags.dryRun === true) {
    context.print(explainPlan(plan));
    return false;
  }
  const docker: Docker = await context.docker();
  await context.withProgress(options.title, async (shown) => {
    const progress = options.quiet === true ? (): void => undefined : shown;
    const { undo = false, signal = context.interrupts.signal } = options;
    await execute(plan, {
      docker,
      progress,
      parallel: context.parallel,
      signal,
      undo,
      auth: async (image) => {
        const { findCredentials, registryOf } = await import('../client/docker-config.ts');
        return await findCredentials(context.env, registryOf(image));
      },
      auths: async () => {
        const { allCredentials } = await import('../client/docker-config.ts');
        return await allCredentials(context.env);
      },
      ...(options.hub === undefined ? {} : { hub: options.hub }),
    });
  });
  return true;
}
