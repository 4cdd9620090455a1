// The part of `up` for one service: which containers stay, are made, are made again or go. Pure.
import { GantryError } from '../base/error.ts';
import type { Service } from '../compose/model/service.ts';
import { recreateCause, type DecisionInput, type RecreateMode } from './decide.ts';
import { boundTo, createdAfter } from './desired/networking.ts';
import { serviceHash } from './hash.ts';
import { replicasOf } from './names.ts';
import { isUp, type ObservedContainer } from './observed.ts';
import { planRemoval } from './orphans.ts';
import type { ReconcileContext, Replica } from './reconcile-context.ts';
import { planCreate, planRecreate } from './replicas.ts';

/** Adds the operations of a service and gives its replicas. */
export function reconcileService(context: ReconcileContext, service: Service): readonly Replica[] {
  const wanted = context.options.scale?.[service.name] ?? replicasOf(service);
  checkScale(service, wanted);
  const hash = serviceHash(service);
  const input = decisionInput(context, service, hash);
  const present = context.observed.containers.filter((at) => at.service === service.name && !at.oneoff);
  const { kept, surplus } = chooseKept(present, wanted, input);
  for (const container of surplus) {
    planRemoval(context.plan, container, {
      cause: `service "${service.name}" wants ${wanted}`,
      timeout: context.options.timeout,
    });
  }
  const after = createdAfter(service).flatMap((name) =>
    (context.replicas.get(name) ?? []).flatMap((replica) => replica.made),
  );
  const replicas = kept.map((container) => keepOrRemake(context, { service, hash, input, container, after }));
  const highest = Math.max(0, ...present.map((container) => container.number));
  for (let index = kept.length; index < wanted; index += 1) {
    const number = highest + index - kept.length + 1;
    replicas.push(planCreate(context, { service, hash, number, after, cause: newCause(service, present.length) }));
  }
  return replicas.sort((a, b) => a.number - b.number);
}

interface ReplicaWork {
  readonly service: Service;
  readonly hash: string;
  readonly input: DecisionInput;
  readonly container: ObservedContainer;
  readonly after: readonly string[];
}

function keepOrRemake(context: ReconcileContext, work: ReplicaWork): Replica {
  const { container, service, hash, after } = work;
  const cause = recreateCause(container, work.input);
  if (cause !== undefined)
    return planRecreate(context, { service, hash, number: container.number, after, cause, container });
  if (isUp(container)) context.plan.notice({ id: `Container ${container.name}`, text: 'Running' });
  return { name: container.name, number: container.number, made: [], remade: false, container };
}

/** Scaling down takes containers that would be made again first, then the highest numbers. */
function chooseKept(
  present: readonly ObservedContainer[],
  wanted: number,
  input: DecisionInput,
): { kept: readonly ObservedContainer[]; surplus: readonly ObservedContainer[] } {
  const stale = new Map(present.map((container) => [container, recreateCause(container, input) === undefined ? 0 : 1]));
  const ranked = present.toSorted((a, b) => (stale.get(a) ?? 0) - (stale.get(b) ?? 0) || a.number - b.number);
  return { kept: ranked.slice(0, wanted), surplus: ranked.slice(wanted) };
}

function decisionInput(context: ReconcileContext, service: Service, hash: string): DecisionInput {
  const { project, observed } = context;
  const remadeParent = boundTo(service).find((name) => context.replicas.get(name)?.some((replica) => replica.remade));
  return { project, service, observed, hash, mode: recreateMode(context, service), remadeParent };
}

function recreateMode({ options }: ReconcileContext, service: Service): RecreateMode {
  if (options.noRecreate === true) return 'never';
  const isNamed = (options.named ?? []).length === 0 || options.named?.includes(service.name) === true;
  if (!isNamed) return options.alwaysRecreateDeps === true ? 'always' : 'diverged';
  return options.forceRecreate === true || options.renewAnonVolumes === true ? 'always' : 'diverged';
}

function checkScale(service: Service, wanted: number): void {
  if (service.container_name === undefined || wanted <= 1) return;
  throw new GantryError(
    'project/operation-failed',
    `service "${service.name}" wants ${wanted} containers but has a container_name, which only one can bear`,
    { hint: `take "container_name: ${service.container_name}" away, or scale to 1` },
  );
}

const newCause = (service: Service, present: number): string =>
  present === 0 ? `service "${service.name}" has no container` : `service "${service.name}" has ${present} too few`;
