// `stop`: stops containers, each after those that depend on it.
import { labelledNeeds } from '../../project/order.ts';
import { planStops } from '../../project/verbs.ts';
import { secondsOf } from '../flags.ts';
import { runPlan } from '../run-plan.ts';
import { selectContainers } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

/** `gantry stop`. */
export const stop: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('-t, --timeout <seconds>', 'time to stop in')
    .action((services: string[], flags: { timeout?: string }) =>
      begin(async (context) => {
        const timeout = secondsOf(flags.timeout);
        const { name, containers } = await selectContainers(context, services);
        const plan = planStops({ project: name, containers, needs: labelledNeeds(containers) }, { timeout });
        await runPlan(context, plan, { title: 'Running' });
        return undefined;
      }),
    );
};
