// What `up` does, for all verbs that do it or a part of it: load, look, get images, plan, do.
import type { Project } from '../compose/model/project.ts';
import { imageOf } from '../project/names.ts';
import { observe } from '../project/observe.ts';
import type { Observed } from '../project/observed.ts';
import type { Plan } from '../project/plan.ts';
import { preflight, refuseUnsupported } from '../project/preflight.ts';
import { withPulls } from '../project/pulls.ts';
import { reconcile } from '../project/reconcile.ts';
import { buildsOfUp, runBuilds } from './builds.ts';
import type { Context } from './context.ts';
import { runPlan } from './run-plan.ts';
import { checkUpFlags, pullFlag, upOptions, waitSeconds, type UpFlags } from './up-flags.ts';
import type { Watch } from './watch-run.ts';

/** Does what `up` with these flags does; gives the exit code. */
export async function bringUp(context: Context, services: readonly string[], flags: UpFlags): Promise<number> {
  checkUpFlags(flags);
  const connecting = context.docker();
  // a failure is reported where the engine is first needed
  connecting.catch(() => undefined);
  const project = await loadFor(context, services, flags);
  const docker = await connecting;
  const { observed, before } = await prepareImages(context, project, flags);
  const plan = reconcile(project, observed, upOptions(context, services, flags));
  if (isOnlyShown(context, flags)) {
    context.print(await shownPlan(before, plan));
    return 0;
  }
  await preflight(docker, project, { plan, observed });
  if (flags.detach === true || flags.start === false || flags.wait === true) {
    await runPlan(context, plan, { title: 'Running', undo: true, seconds: waitSeconds(flags) });
    return 0;
  }
  const { runAttached } = await import('./attached.ts');
  const watch = flags.watch === true ? await watchFor(context, { project, services, flags }) : undefined;
  return await runAttached(context, { project, plan, services, flags, watch });
}

/** Builds a service and makes its containers again; others stay. `flags` are those of the `up` before. */
export async function rebuildService(context: Context, service: string, flags: UpFlags): Promise<void> {
  const scale = (flags.scale ?? []).filter((pair) => pair.startsWith(`${service}=`));
  const { quietBuild = false } = flags;
  await bringUp(context, [service], { detach: true, build: true, deps: false, forceRecreate: true, scale, quietBuild });
}

/** What comes before containers. */
export interface ImagePlans {
  readonly pulls: Plan;
  readonly builds: Plan | undefined;
}

/** Pulls and builds what must be, and gives what is there then: it decides which containers are made again. */
export async function prepareImages(
  context: Context,
  project: Project,
  flags: UpFlags,
): Promise<{ readonly observed: Observed; readonly before: ImagePlans }> {
  const observed = await observeFor(context, project);
  const { pullsFor, runPulls } = await import('./pull-images.ts');
  const pulls = await pullsFor(context, project, { observed, flag: pullFlag(flags.pull) });
  const builds = await buildsOfUp(project, observed.images, flags);
  const before = { pulls, builds };
  const isNothing = pulls.operations.length === 0 && builds === undefined;
  if (isNothing || isOnlyShown(context, flags)) return { observed, before };
  await runPulls(context, project, { pulls, quiet: flags.quietPull ?? false });
  if (builds !== undefined) await runBuilds(context, builds);
  return { observed: await observeFor(context, project), before };
}

const isOnlyShown = (context: Context, flags: UpFlags): boolean => flags.plan === true || context.dryRun;

async function shownPlan({ pulls, builds }: ImagePlans, plan: Plan): Promise<string> {
  const { explainPlan } = await import('../project/explain.ts');
  const pulled = withPulls(pulls, plan);
  if (builds === undefined) return explainPlan(pulled);
  const { withBuilds } = await import('../project/build/plan-builds.ts');
  return explainPlan(withBuilds(builds, pulled));
}

interface UpInput {
  readonly project: Project;
  readonly services: readonly string[];
  readonly flags: UpFlags;
}

async function watchFor(context: Context, { flags, ...input }: UpInput): Promise<Watch> {
  const { prepareWatch } = await import('./watch-run.ts');
  const rebuild = async (own: Context, service: string): Promise<void> => await rebuildService(own, service, flags);
  return await prepareWatch(context, { ...input, rebuild, prune: true });
}

async function loadFor(context: Context, services: readonly string[], flags: UpFlags): Promise<Project> {
  const project = await context.project({ tellUnapplied: true, ...(services.length === 0 ? {} : { services }) });
  Object.values(project.services).forEach(refuseUnsupported);
  if (flags.deps !== false || services.length === 0) return project;
  const named = Object.entries(project.services).filter(([name]) => services.includes(name));
  const others = Object.entries(project.services).filter(([name]) => !services.includes(name));
  return {
    ...project,
    services: Object.fromEntries(named),
    disabled_services: { ...project.disabled_services, ...Object.fromEntries(others) },
  };
}

async function observeFor(context: Context, project: Project): Promise<Observed> {
  return await observe(await context.docker(), project.name, {
    signal: context.interrupts.signal,
    images: Object.values(project.services).map((service) => imageOf(project.name, service)),
    volumes: Object.keys(project.volumes).length > 0,
  });
}
