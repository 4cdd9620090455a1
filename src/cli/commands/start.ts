// `start`: starts containers that are there, in the order of their dependencies.
import { GantryError } from '../../base/error.ts';
import { labelledNeeds } from '../../project/order.ts';
import { planStartAgain } from '../../project/verbs.ts';
import type { Context } from '../context.ts';
import { runPlan } from '../run-plan.ts';
import { selectContainers } from '../select.ts';
import { waitSeconds, type UpFlags } from '../up-flags.ts';
import type { DefineVerb } from '../verb.ts';

type StartFlags = Pick<UpFlags, 'wait' | 'waitTimeout'>;

/** `gantry start`. */
export const start: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('--wait', 'wait until all are healthy or running')
    .option('--wait-timeout <seconds>', 'give up waiting after this time')
    .action((services: string[], flags: StartFlags) =>
      begin(async (context) => await runStart(context, services, flags)),
    );
};

async function runStart(context: Context, services: readonly string[], flags: StartFlags): Promise<undefined> {
  const seconds = waitSeconds(flags);
  const { name, containers } = await selectContainers(context, services);
  const without = services.find((service) => !containers.some((container) => container.service === service));
  if (without !== undefined || containers.length === 0) {
    const what = without === undefined ? `project "${name}"` : `service "${without}"`;
    throw new GantryError('project/operation-failed', `${what} has no container to start`, { hint: 'gantry up -d' });
  }
  const input = { project: name, containers, needs: labelledNeeds(containers) };
  const plan = planStartAgain(input, { wait: flags.wait ?? false });
  await runPlan(context, plan, { title: 'Running', seconds });
  return undefined;
}
