// `pause` and `unpause`: freeze containers and let them go on.
import { planEach } from '../../project/verbs.ts';
import { runPlan } from '../run-plan.ts';
import { selectContainers } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

const define =
  (kind: 'pause' | 'unpause', state: string): DefineVerb =>
  (command, begin) => {
    command.argument('[services...]').action((services: string[]) =>
      begin(async (context) => {
        const { name, containers } = await selectContainers(context, services);
        const wanted = services.length > 0 ? containers : containers.filter((container) => container.state === state);
        await runPlan(context, planEach({ project: name, containers: wanted, needs: new Map() }, kind), {
          title: 'Running',
        });
        return undefined;
      }),
    );
  };

/** `gantry pause`. */
export const pause = define('pause', 'running');

/** `gantry unpause`. */
export const unpause = define('unpause', 'paused');
