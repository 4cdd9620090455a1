// `docker update`: limits and the restart policy of containers that are there.
import { GantryError } from '../../../base/error.ts';
import { resourcesOf } from '../../container/body.ts';
import { textFlag, type ContainerFlags } from '../../container/flags.ts';
import { restartOf } from '../../container/values.ts';
import type { DefineVerb } from '../../verb.ts';
import { eachInTurn } from './each-container.ts';

/** `gantry docker update`. */
export const update: DefineVerb = (command, begin) => {
  command
    .argument('<containers...>')
    .option('--blkio-weight <n>', 'weight of block IO, 10 to 1000')
    .option('--cpu-period <microseconds>', 'period of the CPU limit')
    .option('--cpu-quota <microseconds>', 'CPU time per period')
    .option('-c, --cpu-shares <n>', 'weight of CPU time')
    .option('--cpus <n>', 'number of CPUs')
    .option('--cpuset-cpus <list>', 'CPUs to use, 0-3 or 0,1')
    .option('--cpuset-mems <list>', 'memory nodes to use')
    .option('-m, --memory <bytes>', 'memory limit')
    .option('--memory-reservation <bytes>', 'soft memory limit')
    .option('--memory-swap <bytes>', 'memory and swap together, -1 for no limit of swap')
    .option('--pids-limit <n>', 'number of processes, -1 for no limit')
    .option('--restart <policy>', 'no, always, unless-stopped or on-failure[:N]')
    .action((names: string[], flags: ContainerFlags) =>
      begin(async (context) => {
        if (Object.keys(flags).length === 0)
          throw new GantryError('usage/invalid-flag', 'you must provide one or more flags when using this command');
        const restart = textFlag(flags, 'restart');
        const body = {
          ...resourcesOf(flags),
          ...(restart === undefined ? {} : { RestartPolicy: restartOf(restart) }),
        };
        return await eachInTurn(context, names, async (container) => await container.update(body));
      }),
    );
};
