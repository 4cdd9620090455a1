// `up` as a plan: the difference between what the files want and what the engine has. Pure: same input, same plan.
import type { Project } from '../compose/model/project.ts';
import type { Service } from '../compose/model/service.ts';
import { planOrphans } from './orphans.ts';
import { declaredNeeds, serviceOrder } from './order.ts';
import type { Observed } from './observed.ts';
import { PlanBuilder, type Plan } from './plan.ts';
import { reconcileResources } from './reconcile-resources.ts';
import type { ReconcileContext, UpOptions } from './reconcile-context.ts';
import { reconcileService } from './reconcile-service.ts';
import { planStarts } from './reconcile-start.ts';

/** The plan of `up`. Throws project/operation-failed when it cannot be met, before anything is done. */
export function reconcile(project: Project, observed: Observed, options: UpOptions = {}): Plan {
  const plan = new PlanBuilder();
  const needs = declaredNeeds(project);
  const context: ReconcileContext = { plan, project, observed, options, needs, replicas: new Map() };
  reconcileResources(plan, project, observed);
  planOrphans(context);
  const order = serviceOrder(needs);
  for (const name of order) context.replicas.set(name, reconcileService(context, serviceOf(project, name)));
  if (options.noStart !== true) planStarts(context, order);
  return plan.build(project.name);
}

function serviceOf(project: Project, name: string): Service {
  const service = project.services[name];
  if (service === undefined) throw new Error(`no service "${name}" in the model`);
  return service;
}
