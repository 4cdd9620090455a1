// `wait`: blocks until the containers of services have ended, and ends with the last one's exit code.
import { GantryError } from '../../base/error.ts';
import { planDown } from '../../project/verbs.ts';
import { labelledNeeds } from '../../project/order.ts';
import { observe } from '../../project/observe.ts';
import type { Context } from '../context.ts';
import { runPlan } from '../run-plan.ts';
import { selectContainers } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

/** `gantry wait`. */
export const wait: DefineVerb = (command, begin) => {
  command
    .argument('<services...>')
    .option('--down-project', 'bring the project down when the first has ended')
    .action((services: string[], flags: { downProject?: boolean }) =>
      begin(async (context) => await runWait(context, services, flags.downProject ?? false)),
    );
};

async function runWait(context: Context, services: readonly string[], downProject: boolean): Promise<number> {
  const { name, containers } = await selectContainers(context, services);
  if (containers.length === 0)
    throw new GantryError('project/operation-failed', `no containers for services ${services.join(', ')}`);
  const docker = await context.docker();
  const abortSignal = context.interrupts.signal;
  let last = 0;
  const waits = containers.map(async (container) => {
    const { StatusCode } = await docker.getContainer(container.id).wait({ abortSignal });
    context.print(`container "${container.id}" exited with status code ${StatusCode}\n`);
    last = StatusCode;
  });
  if (downProject) {
    await Promise.race(waits);
    await bringDown(context, name);
    return last;
  }
  await Promise.all(waits);
  return last;
}

async function bringDown(context: Context, project: string): Promise<void> {
  const observed = await observe(await context.docker(), project);
  const { containers } = observed;
  const needs = labelledNeeds(containers);
  const plan = planDown({ project, containers, needs, observed, partial: false, volumes: false, images: [] });
  await runPlan(context, plan, { title: 'Running' });
}
