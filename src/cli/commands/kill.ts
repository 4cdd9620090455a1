// `kill`: sends running containers a signal, all at once.
import { isUp } from '../../project/observed.ts';
import { orphansOf } from '../../project/orphans.ts';
import { planEach } from '../../project/verbs.ts';
import { runPlan } from '../run-plan.ts';
import { selectContainers } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

interface KillFlags {
  readonly signal?: string;
  readonly removeOrphans?: boolean;
}

/** `gantry kill`. */
export const kill: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('-s, --signal <signal>', 'which signal', 'SIGKILL')
    .option('--remove-orphans', 'also kill containers of services that are not in the files')
    .action((services: string[], flags: KillFlags) =>
      begin(async (context) => {
        const { name, containers } = await selectContainers(context, services, { oneoffs: true });
        const project = flags.removeOrphans === true ? undefined : await context.projectIfAny();
        const orphans = new Set(project === undefined ? [] : orphansOf(project, containers));
        const running = containers.filter((container) => isUp(container) && !orphans.has(container));
        const plan = planEach({ project: name, containers: running, needs: new Map() }, 'kill', {
          signal: flags.signal,
        });
        await runPlan(context, plan, { title: 'Running' });
        return undefined;
      }),
    );
};
