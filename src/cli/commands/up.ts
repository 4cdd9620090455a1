// `up` and `create`: load, look, plan, do; attached, also show what the containers write until they end.
import { GantryError } from '../../base/error.ts';
import type { Project } from '../../compose/model/project.ts';
import { observe } from '../../project/observe.ts';
import { imageOf } from '../../project/names.ts';
import type { Observed } from '../../project/observed.ts';
import type { Plan } from '../../project/plan.ts';
import { preflight, refuseUnsupported } from '../../project/preflight.ts';
import { reconcile } from '../../project/reconcile.ts';
import { withPulls, type PullFlag } from '../../project/pulls.ts';
import type { UpOptions } from '../../project/reconcile-context.ts';
import { buildsOfUp, runBuilds } from '../builds.ts';
import type { Context } from '../context.ts';
import { collect, exclusive, integerOf, scaleOf, secondsOf } from '../flags.ts';
import { runPlan } from '../run-plan.ts';
import type { DefineVerb } from '../verb.ts';
import type { Watch } from '../watch-run.ts';

/** Flags of `up`. */
export interface UpFlags {
  readonly detach?: boolean;
  readonly plan?: boolean;
  readonly dryRun?: boolean;
  readonly forceRecreate?: boolean;
  readonly recreate?: boolean;
  readonly alwaysRecreateDeps?: boolean;
  readonly renewAnonVolumes?: boolean;
  readonly start?: boolean;
  readonly deps?: boolean;
  readonly scale?: readonly string[];
  readonly removeOrphans?: boolean;
  readonly timeout?: string;
  readonly pull?: string;
  readonly quietPull?: boolean;
  readonly abortOnContainerExit?: boolean;
  readonly abortOnContainerFailure?: boolean;
  readonly exitCodeFrom?: string;
  readonly attach?: readonly string[];
  readonly noAttach?: readonly string[];
  readonly attachDependencies?: boolean;
  readonly color?: boolean;
  readonly logPrefix?: boolean;
  readonly timestamps?: boolean;
  readonly wait?: boolean;
  readonly waitTimeout?: string;
  readonly watch?: boolean;
  readonly build?: boolean;
  readonly quietBuild?: boolean;
}

/** `gantry up`. */
export const up: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('-d, --detach', 'leave the containers running in the background')
    .option('--plan', 'print what would be done, and why, and do nothing')
    .option('--dry-run', 'the same as --plan')
    .option('--force-recreate', 'make containers again even when nothing changed')
    .option('--no-recreate', 'keep containers even when their configuration changed')
    .option('--always-recreate-deps', 'make dependencies again, too')
    .option('-V, --renew-anon-volumes', 'give containers that are made again new anonymous volumes')
    .option('--no-start', 'create and start nothing')
    .option('--no-deps', 'leave dependencies alone')
    .option('--scale <service=n>', 'number of containers of a service, repeatable', collect)
    .option('--remove-orphans', 'remove containers of services that are no longer in the files')
    .option('-t, --timeout <seconds>', 'time to stop containers in')
    .option('--abort-on-container-exit', 'stop all when one container ends')
    .option('--abort-on-container-failure', 'stop all when one container fails')
    .option('--exit-code-from <service>', 'end with the exit code of this service')
    .option('--attach <service>', 'show only the output of this service, repeatable', collect)
    .option('--no-attach <service>', 'do not show the output of this service, repeatable', collect)
    .option('--attach-dependencies', 'show the output of dependencies, too')
    .option('--no-color', 'no colours')
    .option('--no-log-prefix', 'no names before lines')
    .option('--timestamps', 'times before lines')
    .option('--wait', 'wait until all are healthy or running; implies -d')
    .option('--wait-timeout <seconds>', 'give up waiting after this time')
    .option('--build', 'build images first, also those that are there')
    .option('--no-build', 'build nothing, also when an image is missing')
    .option('--quiet-build', 'say nothing of the steps of builds')
    .option('--pull <policy>', 'always, missing or never, whatever the services say')
    .option('--quiet-pull', 'pull without progress')
    .option('-w, --watch', 'keep the containers up to date with the files, by develop.watch')
    .option('-y, --yes', 'accepted, nothing is asked')
    .action((services: string[], flags: UpFlags) => begin(async (context) => await runUp(context, services, flags)));
};

/** `gantry create`. */
export const create: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('--dry-run', 'print what would be done and do nothing')
    .option('--build', 'build images first, also those that are there')
    .option('--no-build', 'build nothing, also when an image is missing')
    .option('--quiet-build', 'say nothing of the steps of builds')
    .option('--force-recreate', 'make containers again even when nothing changed')
    .option('--no-recreate', 'keep containers even when their configuration changed')
    .option('--scale <service=n>', 'number of containers of a service, repeatable', collect)
    .option('--remove-orphans', 'remove containers of services that are no longer in the files')
    .option('--pull <policy>', 'always, missing or never, whatever the services say')
    .option('--quiet-pull', 'pull without progress')
    .option('-y, --yes', 'accepted, nothing is asked')
    .action((services: string[], flags: UpFlags) =>
      begin(async (context) => await runUp(context, services, { ...flags, start: false })),
    );
};

/** Does what `up` with these flags does. */
export async function runUp(context: Context, services: readonly string[], flags: UpFlags): Promise<number> {
  checkFlags(flags);
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
    await detached(context, plan, flags);
    return 0;
  }
  const { runAttached } = await import('../attached.ts');
  const watch = flags.watch === true ? await watchFor(context, { project, services, flags }) : undefined;
  return await runAttached(context, { project, plan, services, flags, watch });
}

const isOnlyShown = (context: Context, flags: UpFlags): boolean =>
  flags.plan === true || flags.dryRun === true || context.flags.dryRun === true;

/** What comes before containers. */
interface ImagePlans {
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
  const { pullsFor, runPulls } = await import('../pull-images.ts');
  const pulls = await pullsFor(context, project, { observed, flag: pullFlag(flags.pull) });
  const builds = await buildsOfUp(project, observed.images, flags);
  const before = { pulls, builds };
  const isNothing = pulls.operations.length === 0 && builds === undefined;
  if (isNothing || isOnlyShown(context, flags)) return { observed, before };
  await runPulls(context, project, { pulls, quiet: flags.quietPull ?? false });
  if (builds !== undefined) await runBuilds(context, builds);
  return { observed: await observeFor(context, project), before };
}

async function shownPlan({ pulls, builds }: ImagePlans, plan: Plan): Promise<string> {
  const { explainPlan } = await import('../../project/explain.ts');
  const pulled = withPulls(pulls, plan);
  if (builds === undefined) return explainPlan(pulled);
  const { withBuilds } = await import('../../project/build/plan-builds.ts');
  return explainPlan(withBuilds(builds, pulled));
}

/** `policy` leaves it to the services. */
function pullFlag(text: string | undefined): PullFlag | undefined {
  if (text === undefined || text === 'policy' || text === 'build') return undefined;
  if (text === 'always' || text === 'missing' || text === 'never') return text;
  throw new GantryError('usage/invalid-flag', `--pull ${text}: give always, missing, never or policy`);
}

interface UpInput {
  readonly project: Project;
  readonly services: readonly string[];
  readonly flags: UpFlags;
}

async function watchFor(context: Context, { flags, ...input }: UpInput): Promise<Watch> {
  const { prepareWatch } = await import('../watch-run.ts');
  const rebuild = async (own: Context, service: string): Promise<void> => await rebuildService(own, service, flags);
  return await prepareWatch(context, { ...input, rebuild, prune: true });
}

/** Builds a service and makes its containers again; others stay. `flags` are those of the `up` before. */
export async function rebuildService(context: Context, service: string, flags: UpFlags): Promise<void> {
  const scale = (flags.scale ?? []).filter((pair) => pair.startsWith(`${service}=`));
  const { quietBuild = false } = flags;
  await runUp(context, [service], { detach: true, build: true, deps: false, forceRecreate: true, scale, quietBuild });
}

async function detached(context: Context, plan: Plan, flags: UpFlags): Promise<void> {
  const limit = flags.waitTimeout === undefined ? 0 : integerOf('--wait-timeout', flags.waitTimeout, 0);
  const { signal } = context.interrupts;
  const timeout = limit === 0 ? undefined : AbortSignal.timeout(limit * 1000);
  try {
    await runPlan(context, plan, {
      title: 'Running',
      undo: true,
      signal: timeout === undefined ? signal : AbortSignal.any([signal, timeout]),
    });
  } catch (error) {
    if (timeout?.aborted !== true) throw error;
    throw new GantryError('project/timeout', `application not healthy after ${limit}s`, {
      cause: error,
      hint: 'gantry ps -a',
    });
  }
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

function upOptions(context: Context, named: readonly string[], flags: UpFlags): UpOptions {
  const isOn = (value: string | undefined): boolean => ['1', 'true', 't'].includes(value?.toLowerCase() ?? '');
  return {
    named,
    forceRecreate: flags.forceRecreate ?? false,
    noRecreate: flags.recreate === false,
    alwaysRecreateDeps: flags.alwaysRecreateDeps ?? false,
    renewAnonVolumes: flags.renewAnonVolumes ?? false,
    removeOrphans: flags.removeOrphans ?? isOn(context.env['COMPOSE_REMOVE_ORPHANS']),
    ignoreOrphans: isOn(context.env['COMPOSE_IGNORE_ORPHANS']),
    scale: scaleOf(flags.scale ?? []),
    timeout: secondsOf(flags.timeout),
    noStart: flags.start === false,
    wait: flags.wait ?? false,
  };
}

const ATTACHED_ONLY = [
  'abort-on-container-exit',
  'abort-on-container-failure',
  'exit-code-from',
  'attach',
  'attach-dependencies',
  'watch',
];

function checkFlags(flags: UpFlags): void {
  const given = flags as Readonly<Record<string, unknown>>;
  for (const name of ATTACHED_ONLY)
    exclusive(given, [
      ['detach', name],
      ['wait', name],
    ]);
  exclusive(given, [['abort-on-container-exit', 'abort-on-container-failure']]);
  if (given['build'] === false && flags.watch === true)
    throw new GantryError('usage/invalid-flag', '--no-build and --watch cannot be used together');
  if (flags.recreate === false) {
    for (const name of ['forceRecreate', 'renewAnonVolumes', 'alwaysRecreateDeps']) {
      if (given[name] === true)
        throw new GantryError('usage/invalid-flag', `--no-recreate and --${kebab(name)} cannot be used together`);
    }
  }
}

const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
