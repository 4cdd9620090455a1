// `restart`: stops and starts containers; never applies changed files.
import { labelledNeeds, type Needs } from '../../project/order.ts';
import type { ObservedContainer } from '../../project/observed.ts';
import { planEach } from '../../project/verbs.ts';
import { secondsOf } from '../flags.ts';
import { runPlan } from '../run-plan.ts';
import { selectContainers } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

/** `gantry restart`. */
export const restart: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('-t, --timeout <seconds>', 'time to stop in')
    .option('--no-deps', 'leave those that depend on them alone')
    .action((services: string[], flags: { timeout?: string; deps?: boolean }) =>
      begin(async (context) => {
        const timeout = secondsOf(flags.timeout);
        await selectContainers(context, services);
        const { name, containers } = await selectContainers(context, []);
        const needs = labelledNeeds(containers);
        const wanted =
          services.length === 0
            ? containers
            : withFollowers(containers, { services, needs, follow: flags.deps !== false });
        await runPlan(context, planEach({ project: name, containers: wanted, needs }, 'restart', { timeout }), {
          title: 'Restarting',
        });
        return undefined;
      }),
    );
};

/** Which services, and whether those that asked for it follow. */
export interface Affected {
  readonly services: readonly string[];
  readonly needs: Needs;
  readonly follow: boolean;
}

/** The containers of the named services and of those that asked to be restarted with them. */
export function withFollowers(
  containers: readonly ObservedContainer[],
  { services, needs, follow }: Affected,
): readonly ObservedContainer[] {
  const followers = [...needs].filter(([, list]) =>
    list.some((need) => need.restart && services.includes(need.service)),
  );
  const names = new Set([...services, ...(follow ? followers.map(([name]) => name) : [])]);
  return containers.filter((container) => names.has(container.service));
}
