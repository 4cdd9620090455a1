// `start`: starts containers that are there, in the order of their dependencies.
import { GantryError } from '../../base/error.ts';
import { labelledNeeds } from '../../project/order.ts';
import { planStartAgain } from '../../project/verbs.ts';
import { runPlan } from '../run-plan.ts';
import { selectContainers } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

/** `gantry start`. */
export const start: DefineVerb = (command, begin) => {
  command.argument('[services...]').action((services: string[]) =>
    begin(async (context) => {
      const { name, containers } = await selectContainers(context, services);
      const without = services.find((service) => !containers.some((container) => container.service === service));
      if (without !== undefined || containers.length === 0) {
        const what = without === undefined ? `project "${name}"` : `service "${without}"`;
        throw new GantryError('project/operation-failed', `${what} has no container to start`, {
          hint: 'gantry up -d',
        });
      }
      await runPlan(context, planStartAgain({ project: name, containers, needs: labelledNeeds(containers) }), {
        title: 'Running',
      });
      return undefined;
    }),
  );
};
