// Attached `up`: starts what was planned, shows what the containers write, and ends when they have.
import type { Project } from '../compose/model/project.ts';
import { EventHub } from '../project/event-hub.ts';
import { execute } from '../project/execute.ts';
import { observeContainers } from '../project/observe.ts';
import { isUp, type ObservedContainer } from '../project/observed.ts';
import { labelledNeeds } from '../project/order.ts';
import type { Operation, Plan } from '../project/plan.ts';
import { planEach, planStops } from '../project/verbs.ts';
import { AttachSession } from './attach-session.ts';
import type { Context } from './context.ts';
import type { UpFlags } from './up-flags.ts';
import { createLogWriter } from './output/log-writer.ts';
import { runPlan } from './run-plan.ts';

/** What an attached run works on. */
export interface AttachedInput {
  readonly project: Project;
  readonly plan: Plan;
  /** Services named on the command line. */
  readonly services: readonly string[];
  readonly flags: UpFlags;
  /** Runs beside the logs until its signal is aborted. */
  readonly watch: ((signal: AbortSignal) => Promise<void>) | undefined;
}

/** Runs it; gives the exit code. */
export async function runAttached(context: Context, input: AttachedInput): Promise<number> {
  const docker = await context.docker();
  const { make, start } = splitPlan(input.plan);
  await runPlan(context, make, { title: 'Creating', undo: true });
  const hub = new EventHub(docker, input.project.name);
  const session = await openSession(context, input, hub);
  const stops: Promise<void>[] = [];
  let watching: Promise<void> | undefined;
  const quit = context.interrupts.handle((count) => {
    stops.push(interrupt(context, { input, session, count }).catch((error: unknown) => session.fail(error)));
  });
  try {
    await hub.open();
    session.followRunning();
    session.expect(new Set(start.operations.map(({ action }) => (action.kind === 'start' ? action.container : ''))));
    await execute(start, {
      docker,
      hub,
      parallel: context.parallel,
      signal: session.stopping,
      progress: (event) => {
        if (event.state === 'warning') context.remark(`gantry: warning: ${event.id} ${event.text}\n`);
      },
    });
    watching = input.watch?.(session.stopping).catch((error: unknown) => session.fail(error));
    return await session.finished(exitRules(input.flags));
  } finally {
    session.beginEnd();
    quit();
    await watching;
    await Promise.all(stops);
    await hub.close();
    session.close();
  }
}

/** Everything up to the first start, and the rest. */
function splitPlan(plan: Plan): { make: Plan; start: Plan } {
  const isStart = ({ action }: Operation): boolean => ['start', 'wait', 'unpause'].includes(action.kind);
  const rest = plan.operations.filter(isStart);
  const ids = new Set(rest.map((operation) => operation.id));
  return {
    make: { ...plan, operations: plan.operations.filter((operation) => !isStart(operation)) },
    start: {
      ...plan,
      notices: [],
      operations: rest.map((operation) => ({ ...operation, needs: operation.needs.filter((id) => ids.has(id)) })),
    },
  };
}

async function openSession(context: Context, input: AttachedInput, hub: EventHub): Promise<AttachSession> {
  const { project, flags } = input;
  const docker = await context.docker();
  const shown = shownServices(input);
  const present = await observeContainers(docker, project.name, { signal: context.interrupts.signal });
  const containers = present.filter((container) => container.service in project.services && !container.oneoff);
  const label = (container: ObservedContainer): string => labelOf(project, container);
  const names = containers.filter((container) => shown.has(container.service)).map(label);
  if (names.length > 0) context.print(`Attaching to ${names.toSorted().join(', ')}\n`);
  const color = context.color.out && flags.color !== false;
  const writer = createLogWriter(
    { write: (lines) => context.print(lines) },
    { write: (lines) => context.remark(lines) },
    {
      color,
      prefix: flags.logPrefix !== false,
      names,
    },
  );
  const stays = input.watch !== undefined;
  const timestamps = flags.timestamps ?? false;
  return new AttachSession({ docker, hub, writer, containers, shown, label, timestamps, stays });
}

/** The name before a line: the container's without the project's. */
export function labelOf(project: { readonly name: string }, container: { readonly name: string }): string {
  const prefix = `${project.name}-`;
  return container.name.startsWith(prefix) ? container.name.slice(prefix.length) : container.name;
}

/** Services whose output is shown: the named ones or all, less what says no. */
function shownServices({ project, services, flags }: AttachedInput): ReadonlySet<string> {
  if (flags.attach !== undefined) return new Set(flags.attach);
  const all = Object.values(project.services);
  const named =
    services.length === 0 || flags.attachDependencies === true ? all : all.filter((at) => services.includes(at.name));
  const quiet = new Set(flags.noAttach ?? []);
  return new Set(named.filter((at) => at.attach !== false && !quiet.has(at.name)).map((at) => at.name));
}

function exitRules(flags: UpFlags): Parameters<AttachSession['finished']>[0] {
  const onExit = flags.abortOnContainerExit === true || flags.exitCodeFrom !== undefined;
  return { onExit, onFailure: flags.abortOnContainerFailure ?? false, codeFrom: flags.exitCodeFrom };
}

interface Interruption {
  readonly input: AttachedInput;
  readonly session: AttachSession;
  readonly count: number;
}

/** The first signal stops gracefully, the second kills; the third is main's. */
async function interrupt(context: Context, { input, session, count }: Interruption): Promise<void> {
  const { name } = input.project;
  session.beginStop(130);
  context.remark(count === 1 ? 'Gracefully stopping... (press Ctrl+C again to force)\n' : 'Killing...\n');
  const docker = await context.docker();
  const all = await observeContainers(docker, name);
  const containers = all.filter((container) => isUp(container) && container.service in input.project.services);
  const verb = { project: name, containers, needs: labelledNeeds(containers) };
  const plan = count === 1 ? planStops(verb) : planEach(verb, 'kill', { signal: 'SIGKILL' });
  await context.withProgress('Stopping', async (progress) => {
    await execute(plan, { docker, progress, parallel: context.parallel });
  });
  // a kill is answered before the container has ended
  await Promise.all(containers.map(async ({ id }) => await docker.getContainer(id).wait()));
  session.end();
}
