// Runs a plan for a verb: shows it only on --dry-run, else executes it with progress on stderr.
import { GantryError } from '../base/error.ts';
import { execute, type ExecuteOptions } from '../project/execute.ts';
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
  /** Throws project/timeout after this time. Default: it takes as long as it takes. */
  readonly seconds?: number | undefined;
}

/** Executes the plan, or prints it on --dry-run. */
export async function runPlan(context: Context, plan: Plan, options: RunPlanOptions): Promise<void> {
  if (context.dryRun) {
    context.print(explainPlan(plan));
    return;
  }
  const docker = await context.docker();
  const { title, undo = false, quiet = false, seconds } = options;
  await context.withProgress(title, async (shown) => {
    const progress = quiet ? (): void => undefined : shown;
    const given = { docker, progress, parallel: context.parallel, undo, ...credentials(context) };
    await within(seconds, context.interrupts.signal, async (signal) => await execute(plan, { ...given, signal }));
  });
}

function credentials({ env }: Context): Pick<ExecuteOptions, 'auth' | 'auths'> {
  return {
    auth: async (image) => {
      const { findCredentials, registryOf } = await import('../client/docker-config.ts');
      return await findCredentials(env, registryOf(image));
    },
    auths: async () => {
      const { allCredentials } = await import('../client/docker-config.ts');
      return await allCredentials(env);
    },
  };
}

async function within(
  seconds: number | undefined,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<void>,
): Promise<void> {
  if (seconds === undefined) {
    await work(signal);
    return;
  }
  const timeout = AbortSignal.timeout(seconds * 1000);
  try {
    await work(AbortSignal.any([signal, timeout]));
  } catch (error) {
    if (!timeout.aborted) throw error;
    const hint = 'gantry ps -a';
    throw new GantryError('project/timeout', `application not healthy after ${seconds}s`, { cause: error, hint });
  }
}
