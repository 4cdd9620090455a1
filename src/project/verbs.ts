// Plans of the verbs that act on containers that are there: stop, start, restart, kill, rm, down. Pure.
import { OP } from './operation-ids.ts';
import { dependents, type Needs } from './order.ts';
import { isUp, type Observed, type ObservedContainer } from './observed.ts';
import { planRemoval, planStop } from './orphans.ts';
import { PlanBuilder, type Plan, type SignalOptions, type WaitAction } from './plan.ts';
import { WAITS } from './reconcile-start.ts';
import { LABEL } from './labels.ts';

/** What these verbs work on. */
export interface VerbInput {
  readonly project: string;
  /** The containers meant. */
  readonly containers: readonly ObservedContainer[];
  readonly needs: Needs;
}

/** Stops containers, each after those that depend on it. */
export function planStops(input: VerbInput, options: SignalOptions = {}): Plan {
  const plan = new PlanBuilder();
  addStops(plan, input, { cause: 'stop was asked for', timeout: options.timeout });
  return plan.build(input.project);
}

/** Starts containers, each after those it depends on, with their conditions; `wait` waits for all in the end. */
export function planStartAgain(input: VerbInput, { wait = false }: { readonly wait?: boolean } = {}): Plan {
  const plan = new PlanBuilder();
  const byService = Map.groupBy(input.containers, (container) => container.service);
  for (const container of input.containers) {
    if (isUp(container)) continue;
    const needs = (input.needs.get(container.service) ?? []).flatMap(({ service, condition, required }) =>
      (byService.get(service) ?? []).map((dependency) => {
        const wanted = WAITS[condition];
        if (wanted === undefined) return OP.start(dependency.name);
        return planWait(plan, dependency, { condition: wanted, required, cause: 'another service needs it' });
      }),
    );
    const action = { kind: 'start', container: container.name, options: {} } as const;
    plan.add({ id: OP.start(container.name), action, cause: 'start was asked for', needs, service: container.service });
  }
  if (wait)
    for (const container of input.containers)
      planWait(plan, container, { condition: 'ready', required: true, cause: '--wait was given' });
  return plan.build(input.project);
}

/** Waits until what a service depends on is as its conditions say. */
export function planDependencyWaits(input: VerbInput, service: string): Plan {
  const plan = new PlanBuilder();
  for (const need of input.needs.get(service) ?? []) {
    const condition = WAITS[need.condition];
    if (condition === undefined) continue;
    const { required } = need;
    const containers = input.containers.filter((container) => container.service === need.service);
    for (const container of containers)
      planWait(plan, container, { condition, required, cause: `service "${service}" needs it` });
  }
  return plan.build(input.project);
}

interface Wait extends Pick<WaitAction, 'condition' | 'required'> {
  readonly cause: string;
}

function planWait(plan: PlanBuilder, { name, service }: ObservedContainer, { cause, ...wait }: Wait): string {
  const action = { kind: 'wait', container: name, ...wait } as const;
  return plan.add({ id: OP.wait(name, wait.condition), action, cause, needs: [OP.start(name)], service });
}

/** One call for each container; `restart` keeps the order of dependencies, the others need none. */
export function planEach(
  input: VerbInput,
  kind: 'restart' | 'kill' | 'pause' | 'unpause',
  options: SignalOptions = {},
): Plan {
  const plan = new PlanBuilder();
  const byService = Map.groupBy(input.containers, (container) => container.service);
  for (const { name, service } of input.containers) {
    const before = kind === 'restart' ? (input.needs.get(service) ?? []) : [];
    const needs = before.flatMap((need) => (byService.get(need.service) ?? []).map((at) => `${kind} ${at.name}`));
    const action = { kind, container: name, options };
    plan.add({ id: `${kind} ${name}`, action, cause: `${kind} was asked for`, needs, service });
  }
  return plan.build(input.project);
}

/** Removes stopped containers. */
export function planRemovals(input: VerbInput, options: { readonly volumes: boolean; readonly stop: boolean }): Plan {
  const plan = new PlanBuilder();
  if (options.stop) addStops(plan, input, { cause: 'rm --stop was asked for' });
  const removable = input.containers.filter((container) => options.stop || !isUp(container));
  for (const container of removable)
    planRemoval(plan, container, { cause: 'rm was asked for', volumes: options.volumes });
  return plan.build(input.project);
}

/** What `down` takes beside containers. */
export interface DownInput extends VerbInput {
  readonly observed: Observed;
  /** Named services only: networks and volumes stay. */
  readonly partial: boolean;
  /** `-v`. */
  readonly volumes: boolean;
  /** Seconds; absent: the container's own. */
  readonly timeout?: number | undefined;
  /** Images to remove. */
  readonly images: readonly string[];
}

/** Stops and removes containers in reverse order, then what only they used; independent ones side by side. */
export function planDown(input: DownInput): Plan {
  const plan = new PlanBuilder();
  const cause = 'down was asked for';
  const removals = input.timeout === 0 ? addForcedRemovals(plan, input, cause) : addRemovals(plan, input, cause);
  if (!input.partial) {
    for (const network of ofProject(input, 'networks')) {
      const users = input.containers.filter((container) => network.name in container.networks);
      const needs = users.map((container) => OP.remove(container.name));
      const action = { kind: 'remove-network', name: network.name, id: network.id } as const;
      plan.add({ id: OP.removeNetwork(network.name), action, cause, needs, service: '' });
    }
    for (const volume of input.volumes ? ofProject(input, 'volumes') : []) {
      const action = { kind: 'remove-volume', name: volume.name } as const;
      plan.add({ id: OP.removeVolume(volume.name), action, cause, needs: removals, service: '' });
    }
  }
  for (const name of input.images) {
    plan.add({
      id: `remove-image ${name}`,
      action: { kind: 'remove-image', name },
      cause,
      needs: removals,
      service: '',
    });
  }
  return plan.build(input.project);
}

function addRemovals(plan: PlanBuilder, input: DownInput, cause: string): readonly string[] {
  const { timeout, volumes } = input;
  addStops(plan, input, { cause, timeout });
  return input.containers.map((container) => planRemoval(plan, container, { cause, volumes, timeout }));
}

/** With no time to stop in, the stop would be a kill: the removal does that itself, in one call instead of two. */
function addForcedRemovals(plan: PlanBuilder, input: DownInput, cause: string): readonly string[] {
  const above = containersAbove(input);
  return input.containers.map((container) => {
    const { name, service } = container;
    const action = { kind: 'remove', container: name, volumes: input.volumes, force: true } as const;
    const needs = above(container).map((at) => OP.remove(at.name));
    return plan.add({ id: OP.remove(name), action, cause, needs, service });
  });
}

function ofProject(input: DownInput, kind: 'networks' | 'volumes'): readonly { name: string; id: string }[] {
  return [...input.observed[kind].values()].filter((resource) => resource.labels[LABEL.project] === input.project);
}

/** A container stops when those of all services that need its service have. */
function addStops(plan: PlanBuilder, input: VerbInput, options: { cause: string; timeout?: number | undefined }): void {
  const above = containersAbove(input);
  for (const container of input.containers) {
    if (!isUp(container)) continue;
    planStop(plan, container, { ...options, needs: above(container).map((at) => OP.stop(at.name)) });
  }
}

/** The containers of all services that need a container's service. */
function containersAbove(input: VerbInput): (container: ObservedContainer) => readonly ObservedContainer[] {
  const above = dependents(input.needs);
  const byService = Map.groupBy(input.containers, (container) => container.service);
  return (container) => [...(above.get(container.service) ?? [])].flatMap((name) => byService.get(name) ?? []);
}
