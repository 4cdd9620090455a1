// Which images of a project are to be built, and why, as a plan. Pure.
import type { Project } from '../../compose/model/project.ts';
import type { Service } from '../../compose/model/service.ts';
import { imageOf } from '../names.ts';
import { declaredNeeds, serviceOrder } from '../order.ts';
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

/**
 * One operation for each image, behind those of the services that it depends on: a Dockerfile may begin with what another
 * service builds. Throws project/build-refused.
 */
export function planBuilds(project: Project, input: BuildInput): Plan {
  const plan = new PlanBuilder();
  const needs = declaredNeeds(project);
  /** By service: builds that are done when the service counts as built. */
  const builtBy = new Map<string, readonly string[]>();
  for (const name of serviceOrder(needs)) {
    const before = (needs.get(name) ?? []).flatMap((need) => builtBy.get(need.service) ?? []);
    const service = input.services.find((one) => one.name === name);
    const own = service === undefined ? undefined : addBuild(plan, project, { service, input, before });
    builtBy.set(name, own === undefined ? before : [own]);
  }
  return plan.build(project.name);
}

interface Addition {
  readonly service: Service;
  readonly input: BuildInput;
  readonly before: readonly string[];
}

/** Adds the build of a service and gives its id; undefined when it needs none. */
function addBuild(plan: PlanBuilder, project: Project, { service, input, before }: Addition): string | undefined {
  const cause = causeOf(project, service, input);
  if (cause === undefined) return undefined;
  const work = buildWork(project, service, input.flags);
  const id = buildId(work.image);
  // services that build one image may need each other
  if (plan.has(id)) return id;
  const action = { kind: 'build', name: work.image, work } as const;
  return plan.add({ id, action, cause, needs: before, service: service.name });
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
