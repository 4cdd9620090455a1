// The part of `up` and `start` that starts containers behind what they need. Pure.
import type { DependencyCondition } from '../compose/model/service-parts.ts';
import type { Need } from './order.ts';
import { isUp } from './observed.ts';
import { OP } from './operation-ids.ts';
import { planStop } from './orphans.ts';
import type { WaitCondition } from './plan.ts';
import type { ReconcileContext, Replica } from './reconcile-context.ts';

/** Adds starts, waits for conditions, and the stops of those that follow a dependency made again. */
export function planStarts(context: ReconcileContext, order: readonly string[]): void {
  const restarted = new Set<string>();
  for (const name of order) {
    const cause = restartCause(context, name, restarted);
    if (cause !== undefined) {
      restarted.add(name);
      stopForRestart(context, name, cause);
    }
    for (const replica of context.replicas.get(name) ?? []) planStart(context, { name, replica, cause });
  }
  if (context.options.wait === true) waitForAll(context, order);
}

interface StartWork {
  readonly name: string;
  readonly replica: Replica;
  /** Why it is restarted, when it is. */
  readonly cause: string | undefined;
}

function planStart(context: ReconcileContext, work: StartWork): void {
  const { name, replica, cause } = work;
  const { container } = replica;
  const stays = container !== undefined && !replica.remade && cause === undefined;
  if (stays && container.state === 'paused') {
    const action = { kind: 'unpause', container: replica.name, options: {} } as const;
    context.plan.add({ id: OP.start(replica.name), action, cause: 'it is paused', needs: [], service: name });
  } else if (!stays || !isUp(container)) {
    const needs = [...replica.made, OP.stop(replica.name), ...dependencyNeeds(context, name)];
    const action = { kind: 'start', container: replica.name, options: {} } as const;
    context.plan.add({ id: OP.start(replica.name), action, cause: startCause(replica, cause), needs, service: name });
  }
}

function startCause(replica: Replica, cause: string | undefined): string {
  if (cause !== undefined) return cause;
  if (replica.remade) return 'it was recreated';
  return replica.container === undefined ? 'it is new' : `it is ${replica.container.state}`;
}

/** Operations after which everything a service depends on is as it asks. */
function dependencyNeeds(context: ReconcileContext, name: string): readonly string[] {
  return (context.needs.get(name) ?? []).flatMap((need) =>
    (context.replicas.get(need.service) ?? []).flatMap((replica) => conditionNeeds(context, need, replica)),
  );
}

function conditionNeeds(context: ReconcileContext, need: Need, replica: Replica): readonly string[] {
  const { required, service } = need;
  const condition = WAITS[need.condition];
  if (condition === undefined) return startedAfter(context, service, replica);
  const action = { kind: 'wait', container: replica.name, condition, required } as const;
  const cause = `another service needs it to be ${condition}`;
  const id = OP.wait(replica.name, condition, required);
  return [context.plan.add({ id, action, cause, needs: [OP.start(replica.name)], service })];
}

/** Its start; what runs already stands for what it needs itself, so that order holds along the whole chain. */
function startedAfter(context: ReconcileContext, service: string, replica: Replica): readonly string[] {
  const start = OP.start(replica.name);
  return context.plan.has(start) ? [start] : dependencyNeeds(context, service);
}

/** What a dependency's condition is waited for as; undefined: its start is enough. */
export const WAITS: Readonly<Record<DependencyCondition, WaitCondition | undefined>> = {
  service_started: undefined,
  service_healthy: 'healthy',
  service_completed_successfully: 'completed',
};

/** A dependency declared with `restart` that is made again or itself restarted. */
function restartCause(context: ReconcileContext, name: string, restarted: ReadonlySet<string>): string | undefined {
  const follows = (context.needs.get(name) ?? []).find(
    (need) =>
      need.restart &&
      (restarted.has(need.service) || context.replicas.get(need.service)?.some((replica) => replica.remade) === true),
  );
  return follows === undefined ? undefined : `service "${follows.service}" it depends on is recreated`;
}

/** Running containers stop before their dependency goes; those that are made again stop anyway. */
function stopForRestart(context: ReconcileContext, name: string, cause: string): void {
  const stops = (context.replicas.get(name) ?? [])
    .filter((replica) => !replica.remade && replica.container !== undefined && isUp(replica.container))
    .map((replica) => replica.container)
    .filter((container) => container !== undefined)
    .map((container) => planStop(context.plan, container, { cause, timeout: context.options.timeout }));
  for (const need of context.needs.get(name) ?? []) {
    for (const replica of context.replicas.get(need.service) ?? []) {
      if (!replica.remade || replica.container === undefined) continue;
      const old = replica.container.name;
      context.plan.need(isUp(replica.container) ? OP.stop(old) : OP.remove(old), stops);
    }
  }
}

function waitForAll(context: ReconcileContext, order: readonly string[]): void {
  for (const name of order) {
    for (const replica of context.replicas.get(name) ?? []) {
      const action = { kind: 'wait', container: replica.name, condition: 'ready', required: true } as const;
      const needs = [OP.start(replica.name)];
      context.plan.add({ id: OP.wait(replica.name, 'ready'), action, cause: '--wait was given', needs, service: name });
    }
  }
}
