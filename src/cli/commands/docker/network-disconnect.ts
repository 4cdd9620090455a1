// `docker network disconnect`.
import type { DefineVerb } from '../../verb.ts';

/** `docker network disconnect NETWORK CONTAINER`. */
export const networkDisconnect: DefineVerb = (command, begin) => {
  command
    .argument('<network>')
    .argument('<container>')
    .option('-f, --force', 'also when the container does not answer')
    .action((network: string, container: string, { force = false }: { force?: boolean }) =>
      begin(async (context) => {
        const docker = await context.docker();
        const { signal } = context.interrupts;
        await docker.getNetwork(network).disconnect({ Container: container, Force: force, abortSignal: signal });
        return undefined;
      }),
    );
};
