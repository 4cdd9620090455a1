// `rm`: removes stopped containers, after asking.
import { isUp } from '../../project/observed.ts';
import { labelledNeeds } from '../../project/order.ts';
import { planRemovals } from '../../project/verbs.ts';
import type { Context } from '../context.ts';
import { askConsent } from '../prompt.ts';
import { runPlan } from '../run-plan.ts';
import { selectContainers } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

interface RmFlags {
  readonly force?: boolean;
  readonly stop?: boolean;
  readonly volumes?: boolean;
}

/** `gantry rm`. */
export const rm: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('-f, --force', 'do not ask')
    .option('-s, --stop', 'stop them first where they run')
    .option('-v, --volumes', 'also remove their anonymous volumes')
    .option('-a, --all', 'accepted, changes nothing')
    .action((services: string[], flags: RmFlags) => begin(async (context) => await runRm(context, services, flags)));
};

async function runRm(context: Context, services: readonly string[], flags: RmFlags): Promise<undefined> {
  const { name, containers } = await selectContainers(context, services);
  const wanted = containers.filter((container) => flags.stop === true || !isUp(container));
  if (wanted.length === 0) {
    context.remark('No stopped containers\n');
    return undefined;
  }
  const names = wanted.map((container) => container.name).join(', ');
  context.remark(`Going to remove ${names}\n`);
  const isAsked = flags.force !== true && !context.dryRun;
  if (isAsked && !(await askConsent(context, 'Are you sure? [yN] '))) return undefined;
  const input = { project: name, containers: wanted, needs: labelledNeeds(containers) };
  await runPlan(context, planRemovals(input, { volumes: flags.volumes ?? false, stop: flags.stop ?? false }), {
    title: 'Running',
  });
  return undefined;
}
