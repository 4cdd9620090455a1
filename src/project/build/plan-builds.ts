// Which images of a project are to be built, and why, as a plan. Pure.
import type { Project } from '../../compose/model/project.ts';
import type { Service } from '../../compose/model/service.ts';
import { imageOf } from '../names.ts';
import { inOrder, PlanBuilder, type Plan } from '../plan.ts';
import { buildWork, type BuildFlags } from './work.ts';

/** What decides. */
export interface BuildInput {
  /** Services to look at. */
  readonly services: readonly Service[];
  /** Names of the images that are there; what is missing is built. */
  readonly present: { has(image: string): boolean };
  /** Why every service with a `build:` is built; absent: only what must be. */
  readonly all?: string | undefined;
  readonly flags?: BuildFlags;
}

/** One operation for each image, none needing another. Throws project/build-refused. */
export function planBuilds(project: Project, input: BuildInput): Plan {
  const plan = new PlanBuilder();
  for (const service of input.services) {
    const cause = causeOf(project, service, input);
    if (cause === undefined) continue;
    const work = buildWork(project, service, input.flags);
    const action = { kind: 'build', name: work.image, work } as const;
    plan.add({ id: buildId(work.image), action, cause, needs: [], service: service.name });
  }
  return plan.build(project.name);
}

/** Builds and what comes after them as one plan, to be shown: containers of an image that is built come after it. */
export function withBuilds(builds: Plan, plan: Plan): Plan {
  const built = new Set(builds.operations.map(({ id }) => id));
  const rest = plan.operations.map((operation) => {
    const image = operation.action.kind === 'create' ? buildId(operation.action.body.Image ?? '') : '';
    return built.has(image) ? { ...operation, needs: [...operation.needs, image] } : operation;
  });
  return { ...plan, operations: inOrder([...builds.operations, ...rest]) };
}

const buildId = (image: string): string => `build ${image}`;

function causeOf(project: Project, service: Service, input: BuildInput): string | undefined {
  if (service.build === undefined) return undefined;
  if (input.all !== undefined) return input.all;
  if (service.pull_policy === 'build') return `service "${service.name}" has the pull_policy build`;
  const image = imageOf(project.name, service);
  return input.present.has(image) ? undefined : `image "${image}" is not there`;
}
