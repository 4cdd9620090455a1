// `down`: stops and removes what belongs to the project, and answers when it is gone.
import type { Project } from '../../compose/model/project.ts';
import { imageOf } from '../../project/names.ts';
import { observe } from '../../project/observe.ts';
import type { Observed, ObservedContainer } from '../../project/observed.ts';
import { declaredNeeds, dependents, labelledNeeds } from '../../project/order.ts';
import { planDown } from '../../project/verbs.ts';
import { GantryError } from '../../base/error.ts';
import type { Context } from '../context.ts';
import { secondsOf } from '../flags.ts';
import { runPlan } from '../run-plan.ts';
import { checkServices } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

interface DownFlags {
  readonly volumes?: boolean;
  readonly timeout?: string;
  readonly removeOrphans?: boolean;
  readonly rmi?: string;
}

/** `gantry down`. */
export const down: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('-v, --volumes', 'also remove named volumes of the project and anonymous ones')
    .option('-t, --timeout <seconds>', 'time to stop containers in')
    .option('--remove-orphans', 'also remove containers of services that are not in the files')
    .option('--rmi <which>', 'also remove images: local (built here) or all')
    .action((services: string[], flags: DownFlags) =>
      begin(async (context) => await runDown(context, services, flags)),
    );
};

async function runDown(context: Context, services: readonly string[], flags: DownFlags): Promise<undefined> {
  if (flags.rmi !== undefined && flags.rmi !== 'local' && flags.rmi !== 'all') {
    throw new GantryError('usage/invalid-flag', `--rmi ${flags.rmi}: use local or all`);
  }
  const [docker, project] = await Promise.all([context.docker(), context.projectIfAny()]);
  const name = project?.name ?? (await context.projectName());
  const observed = await observe(docker, name, { signal: context.interrupts.signal, volumes: flags.volumes === true });
  if (project !== undefined) checkServices(services, project, observed.containers);
  const containers = meant(observed, { project, services, removeOrphans: flags.removeOrphans === true });
  const plan = planDown({
    project: name,
    containers,
    needs: labelledNeeds(containers),
    observed,
    partial: services.length > 0,
    volumes: flags.volumes ?? false,
    timeout: secondsOf(flags.timeout),
    images: imagesToRemove(project, containers, flags.rmi),
  });
  if (plan.operations.length === 0) {
    context.remark(`gantry: warning: no resource found to remove for project "${name}"\n`);
    return undefined;
  }
  await runPlan(context, plan, { title: 'Running' });
  return undefined;
}

interface Meant {
  readonly project: Project | undefined;
  readonly services: readonly string[];
  readonly removeOrphans: boolean;
}

/** Without files all containers of the project; with them those of its enabled services; named ones with their dependents. */
function meant(observed: Observed, { project, services, removeOrphans }: Meant): readonly ObservedContainer[] {
  const { containers } = observed;
  if (services.length > 0) {
    const above = dependents(project === undefined ? labelledNeeds(containers) : declaredNeeds(project));
    const wanted = new Set(services.flatMap((name) => [name, ...(above.get(name) ?? [])]));
    return containers.filter((container) => wanted.has(container.service));
  }
  if (project === undefined || removeOrphans) return containers;
  return containers.filter((container) => container.oneoff || container.service in project.services);
}

function imagesToRemove(
  project: Project | undefined,
  containers: readonly ObservedContainer[],
  which: string | undefined,
): readonly string[] {
  if (which === undefined) return [];
  if (project === undefined)
    return which === 'all' ? [...new Set(containers.map((container) => container.imageId))] : [];
  const services = Object.values(project.services).filter((service) => which === 'all' || service.image === undefined);
  return [...new Set(services.map((service) => imageOf(project.name, service)))];
}
