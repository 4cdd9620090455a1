// Runs a watch for a verb: does what it asks for with the means of the other verbs, and draws what it tells.
import type { Docker } from '../client/docker.ts';
import { isHttpError } from '../client/errors.ts';
import type { Project } from '../compose/model/project.ts';
import { execute } from '../project/execute.ts';
import { imageOf } from '../project/names.ts';
import { labelledNeeds } from '../project/order.ts';
import { planEach } from '../project/verbs.ts';
import { rulesOf } from '../watch/rules.ts';
import type { Rule } from '../watch/rule.ts';
import { watchProject } from '../watch/session.ts';
import { withFollowers } from './commands/restart.ts';
import type { Context } from './context.ts';
import { createWatchView } from './output/watch-view.ts';
import { selectContainers } from './select.ts';
import { lockWatch } from './watch-lock.ts';

/** What to watch. */
export interface WatchInput {
  readonly project: Project;
  /** None: all that have rules. */
  readonly services: readonly string[];
  /** As `up --build --no-deps SERVICE`: nothing is stopped before the new image is there. */
  readonly rebuild: (context: Context, service: string) => Promise<void>;
  /** Removes the image that a rebuild replaced. */
  readonly prune: boolean;
}

/** Watches until the signal is aborted. */
export type Watch = (signal: AbortSignal) => Promise<void>;

/** Reads the rules, and says what is left out; what comes back begins to watch when it is called. Throws when there are no rules. */
export async function prepareWatch(context: Context, input: WatchInput): Promise<Watch> {
  const notice = (text: string): void => context.remark(`gantry: warning: ${text}\n`);
  const rules = await rulesOf(input.project, { services: input.services, notice });
  return async (signal) => await runWatch(context, { ...input, rules }, signal);
}

/** One watch a project: a second one is refused. */
async function runWatch(
  context: Context,
  { project, rules, ...input }: WatchInput & { readonly rules: readonly Rule[] },
  signal: AbortSignal,
): Promise<void> {
  const docker = await context.docker();
  await using _ = await lockWatch(docker.modem.address.text, project.name);
  const view = createWatchView({ write: (lines) => context.remark(lines) }, { color: context.color.err });
  const own = { ...context, interrupts: { ...context.interrupts, signal } };
  const rebuild = async (service: string): Promise<void> => {
    const image = imageOf(project.name, project.services[service] ?? { name: service });
    const old = input.prune ? await imageId(docker, image) : undefined;
    await input.rebuild(own, service);
    if (old !== undefined && old !== (await imageId(docker, image))) await removeUnnamed(docker, old);
  };
  const restart = async (service: string): Promise<void> => await restartService(own, project, service);
  await watchProject({ docker, project, rules, actions: { rebuild, restart }, report: view }, { signal });
}

async function imageId(docker: Docker, image: string): Promise<string | undefined> {
  try {
    return (await docker.getImage(image).inspect()).Id;
  } catch (error) {
    if (isHttpError(error, 404)) return undefined;
    throw error;
  }
}

/** An image that still has a name, or is used, is kept. */
async function removeUnnamed(docker: Docker, id: string): Promise<void> {
  try {
    const image = docker.getImage(id);
    if (((await image.inspect()).RepoTags as readonly string[] | null)?.length === 0) await image.remove();
  } catch (error) {
    if (!isHttpError(error, 404, 409)) throw error;
  }
}

/** As the verb `restart`, those that asked to be restarted with it included. */
async function restartService(context: Context, project: Project, service: string): Promise<void> {
  const { containers } = await selectContainers(context, []);
  const needs = labelledNeeds(containers);
  const wanted = withFollowers(containers, { services: [service], needs, follow: true });
  const plan = planEach({ project: project.name, containers: wanted, needs }, 'restart');
  const docker = await context.docker();
  const { signal } = context.interrupts;
  await execute(plan, { docker, parallel: context.parallel, signal, progress: () => undefined });
}
