// Which images are pulled before containers are made, and why, by the policy of each service. Pure.
import { GantryError } from '../base/error.ts';
import { parseDuration } from '../base/duration.ts';
import type { Project } from '../compose/model/project.ts';
import type { Service } from '../compose/model/service.ts';
import { familiarName } from './image-names.ts';
import { imageOf } from './names.ts';
import { OP } from './operation-ids.ts';
import { PlanBuilder, type Operation, type Plan } from './plan.ts';

/** `--pull`, for all services; absent: each by its own policy. */
export type PullFlag = 'always' | 'missing' | 'never';

/** What is known of the images. */
export interface KnownImages {
  /** Id by reference; absent when the engine has none. */
  readonly images: ReadonlyMap<string, string>;
  /** When a reference was last put on its image, ms since 1970; needed for policies with a time only. */
  readonly taggedAt?: ReadonlyMap<string, number>;
  /** Now, ms since 1970. */
  readonly now: number;
}

/** The pulls that `up` and `create` need first. What is built is never pulled by them. */
export function planPulls(project: Project, known: KnownImages, flag?: PullFlag): Plan {
  const plan = new PlanBuilder();
  const services = Object.values(project.services);
  const built = new Set(services.filter(({ build }) => build !== undefined).map(({ image }) => image));
  for (const service of services) {
    if (service.image === undefined || service.build !== undefined || built.has(service.image)) continue;
    const cause = pullCause(service, known, flag);
    if (cause !== undefined) addPull(plan, service, cause);
  }
  return plan.build(project.name);
}

/** What `pull` does with a service. */
export type PullChoice = { readonly pull: string } | { readonly skip: string };

/** The choices of the verb `pull`: without a policy an image is always refreshed. */
export function pullChoice(
  service: Service,
  known: KnownImages,
  options: { readonly policy?: 'always' | 'missing' | undefined },
): PullChoice {
  if (service.image === undefined) return { skip: 'No image to be pulled' };
  const policy = options.policy ?? service.pull_policy;
  if (policy === 'never' || policy === 'build') return { skip: `its pull policy is ${policy}` };
  const isHere = known.images.has(imageOf('', service));
  if (policy !== 'missing' && policy !== 'if_not_present') return { pull: 'pull was asked for' };
  if (!isHere) return { pull: 'the image is not here' };
  if (familiarName(service.image).endsWith(':latest')) return { pull: 'latest may have changed' };
  return { skip: 'Image is already present locally' };
}

/** Adds the pull of a service's image; services that share one share the pull. */
function addPull(plan: PlanBuilder, service: Service, cause: string): void {
  const image = service.image ?? '';
  const action = { kind: 'pull', image, platform: service.platform } as const;
  plan.add({ id: OP.pull(image), action, cause, needs: [], service: service.name });
}

/** True when a policy asks for the age of an image. */
export function needsAge(service: Service): boolean {
  return maxAge(service) !== undefined;
}

/** The plan with the pulls in front: what `--plan` shows. */
export function withPulls(pulls: Plan, plan: Plan): Plan {
  if (pulls.operations.length === 0) return plan;
  const ids = new Set(pulls.operations.map(({ id }) => id));
  const behind = (operation: Operation): Operation => {
    const image = operation.action.kind === 'create' ? OP.pull(operation.action.body.Image ?? '') : '';
    return ids.has(image) ? { ...operation, needs: [image, ...operation.needs] } : operation;
  };
  return { ...plan, operations: [...pulls.operations, ...plan.operations.map(behind)] };
}

function pullCause(service: Service, known: KnownImages, flag: PullFlag | undefined): string | undefined {
  const image = service.image ?? '';
  const isHere = known.images.has(image);
  const policy = flag ?? service.pull_policy ?? 'missing';
  if (policy === 'never' || policy === 'build') return undefined;
  if (policy === 'always') return flag === undefined ? 'its pull policy is always' : '--pull always was given';
  if (!isHere) return 'the image is not here';
  if (flag !== undefined) return undefined;
  const age = maxAge(service);
  if (age === undefined) return undefined;
  const taggedAt = known.taggedAt?.get(image) ?? 0;
  return known.now - taggedAt > age ? `it is older than its pull policy ${policy} allows` : undefined;
}

const DAY_MS = 24 * 3600 * 1000;

/** Age in ms after which an image is pulled again. */
function maxAge(service: Service): number | undefined {
  const policy = service.pull_policy ?? '';
  if (policy === 'daily') return DAY_MS;
  if (policy === 'weekly') return 7 * DAY_MS;
  if (!policy.startsWith('every_')) return undefined;
  const nanoseconds = parseDuration(policy.slice('every_'.length));
  if (nanoseconds !== undefined) return nanoseconds / 1e6;
  throw new GantryError(
    'compose/invalid-file',
    `service "${service.name}": pull_policy ${policy} has no valid duration`,
  );
}
