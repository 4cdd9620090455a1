// Containers of the project whose service the files do not know: said, or removed when asked. Pure.
import { isUp, type ObservedContainer } from './observed.ts';
import type { PlanBuilder } from './plan.ts';
import { OP } from './operation-ids.ts';
import type { ReconcileContext } from './reconcile-context.ts';
import type { Project } from '../compose/model/project.ts';

/** Orphans, and one-offs that have ended. */
export function orphansOf(project: Project, containers: readonly ObservedContainer[]): readonly ObservedContainer[] {
  return containers.filter((container) => {
    if (container.oneoff) return !isUp(container);
    return !(container.service in project.services) && !(container.service in project.disabled_services);
  });
}

/** Adds their removal, or a warning that names them. */
export function planOrphans(context: ReconcileContext): void {
  const { plan, project, options } = context;
  const orphans = orphansOf(project, context.observed.containers);
  if (options.removeOrphans === true) {
    for (const orphan of orphans)
      planRemoval(plan, orphan, { cause: 'its service is not in the files', timeout: options.timeout });
    return;
  }
  const names = orphans.filter((orphan) => !orphan.oneoff).map((orphan) => orphan.name);
  if (names.length === 0 || options.ignoreOrphans === true) return;
  plan.notice({
    id: '',
    text:
      `Found orphan containers ([${names.join(' ')}]) for this project. If you removed or renamed this service in your ` +
      `compose file, you can run this command with the --remove-orphans flag to clean it up.`,
    warning: true,
  });
}

/** What goes with a removal. */
export interface RemovalOptions {
  readonly cause: string;
  readonly timeout?: number | undefined;
  /** Also its anonymous volumes. */
  readonly volumes?: boolean;
  /** The container it is replaced by: the stop is then no event of its own. */
  readonly shownAs?: string;
  /** Operations before the container is stopped. */
  readonly needs?: readonly string[];
}

/** Adds stop, where it runs, and remove of a container; gives the id of the remove. */
export function planRemoval(plan: PlanBuilder, container: ObservedContainer, options: RemovalOptions): string {
  const { name, service } = container;
  const common = { cause: options.cause, service };
  if (isUp(container)) planStop(plan, container, options);
  const action = { kind: 'remove', container: name, volumes: options.volumes ?? false, force: true } as const;
  return plan.add({ ...common, id: OP.remove(name), action, needs: [OP.stop(name), ...(options.needs ?? [])] });
}

/** Adds the stop of a container; gives its id. */
export function planStop(plan: PlanBuilder, container: ObservedContainer, options: RemovalOptions): string {
  const action = { kind: 'stop', container: container.name, options: { timeout: options.timeout } } as const;
  const { cause, needs = [], shownAs } = options;
  const shown = shownAs === undefined ? {} : { shownAs };
  return plan.add({ id: OP.stop(container.name), action, cause, needs, service: container.service, ...shown });
}
