// Builds for verbs: which images `up`, `create` and `build` make, and the run of that plan with its own heading.
import type { Project } from '../compose/model/project.ts';
import type { Service } from '../compose/model/service.ts';
import type { Plan } from '../project/plan.ts';
import type { BuildFlags } from '../project/build/work.ts';
import type { Context } from './context.ts';
import { runPlan } from './run-plan.ts';

/** What of `up`'s flags concerns builds. */
export interface UpBuildFlags {
  /** `--build` and `--no-build`. */
  readonly build?: boolean;
  readonly quietBuild?: boolean;
}

/** The builds that `up` needs first; undefined when there are none. */
export async function buildsOfUp(
  project: Project,
  present: { has(image: string): boolean },
  flags: UpBuildFlags,
): Promise<Plan | undefined> {
  const services = Object.values(project.services).filter((service) => service.build !== undefined);
  if (flags.build === false || services.length === 0) return undefined;
  const { planBuilds } = await import('../project/build/plan-builds.ts');
  const all = flags.build === true ? '--build was asked for' : undefined;
  const plan = planBuilds(project, { services, present, all, flags: { quiet: flags.quietBuild ?? false } });
  return plan.operations.length === 0 ? undefined : plan;
}

/** The builds of `gantry build`: every one of these services that has a `build:`. */
export async function buildsOf(project: Project, services: readonly Service[], flags: BuildFlags): Promise<Plan> {
  const { planBuilds } = await import('../project/build/plan-builds.ts');
  return planBuilds(project, { services, present: new Set<string>(), all: 'build was asked for', flags });
}

/** Runs builds; prints them on --dry-run. */
export async function runBuilds(context: Context, plan: Plan): Promise<void> {
  await runPlan(context, plan, { title: 'Building' });
}
