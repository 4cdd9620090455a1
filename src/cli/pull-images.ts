// The pulls that `up`, `create` and `run` do before they look at what containers to make.
import { GantryError } from '../base/error.ts';
import type { Docker } from '../client/docker.ts';
import { isHttpError } from '../client/errors.ts';
import type { Project } from '../compose/model/project.ts';
import type { Observed } from '../project/observed.ts';
import type { Plan } from '../project/plan.ts';
import { needsAge, planPulls, type PullFlag } from '../project/pulls.ts';
import type { Context } from './context.ts';
import { runPlan } from './run-plan.ts';

/** The pulls that are needed. */
export async function pullsFor(
  context: Context,
  project: Project,
  input: { readonly observed: Observed; readonly flag: PullFlag | undefined },
): Promise<Plan> {
  const { observed, flag } = input;
  const aged = Object.values(project.services).filter((service) => needsAge(service) && service.image !== undefined);
  const images = [...new Set(aged.map((service) => service.image ?? ''))].filter((image) => observed.images.has(image));
  const docker = await context.docker();
  const times = await Promise.all(images.map(async (image) => [image, await taggedAt(docker, image)] as const));
  return planPulls(project, { images: observed.images, taggedAt: new Map(times), now: Date.now() }, flag);
}

/** Pulls. A failure is told with the service, the image and its line in the files. */
export async function runPulls(
  context: Context,
  project: Project,
  input: { readonly pulls: Plan; readonly quiet: boolean },
): Promise<void> {
  const { pulls, quiet } = input;
  if (pulls.operations.length === 0) return;
  try {
    await runPlan(context, pulls, { title: 'Pulling', quiet });
  } catch (error) {
    throw await located(project, pulls, error);
  }
}

async function taggedAt(docker: Docker, image: string): Promise<number> {
  try {
    const { Metadata } = await docker.getImage(image).inspect();
    return Date.parse(Metadata.LastTagTime) || 0;
  } catch (error) {
    if (isHttpError(error, 404)) return 0;
    throw error;
  }
}

async function located(project: Project, pulls: Plan, error: unknown): Promise<unknown> {
  if (!(error instanceof GantryError) || error.diagnostics.length > 0) return error;
  const failed = pulls.operations.find(({ id }) => id === error.details['operation']);
  if (failed?.action.kind !== 'pull') return error;
  const { locateValue } = await import('../project/locate.ts');
  const place = await locateValue(project, failed.service, failed.action.image);
  if (place === undefined) return error;
  const { code, details, hint, message } = error;
  const told = hint === undefined ? {} : { hint };
  const diagnostics = [{ severity: 'error', code, message, ...told, ...place } as const];
  return new GantryError(code, message, { ...told, details, cause: error.cause, diagnostics });
}
