// `docker network connect`.
import { collect } from '../../flags.ts';
import type { DefineVerb } from '../../verb.ts';
import { pairsOf } from './filters.ts';

interface Flags {
  readonly alias?: readonly string[];
  readonly driverOpt?: readonly string[];
  readonly ip?: string;
  readonly ip6?: string;
  readonly link?: readonly string[];
  readonly linkLocalIp?: readonly string[];
}

/** `docker network connect NETWORK CONTAINER`. */
export const networkConnect: DefineVerb = (command, begin) => {
  command
    .argument('<network>')
    .argument('<container>')
    .option('--alias <name>', 'another name in the network, repeatable', collect)
    .option('--driver-opt <option>', 'KEY=VALUE for the driver, repeatable', collect)
    .option('--ip <address>', 'IPv4 address')
    .option('--ip6 <address>', 'IPv6 address')
    .option('--link <container>', 'CONTAINER[:ALIAS], repeatable', collect)
    .option('--link-local-ip <address>', 'link-local address, repeatable', collect)
    .action((network: string, container: string, flags: Flags) =>
      begin(async (context) => {
        const docker = await context.docker();
        await docker.getNetwork(network).connect({
          Container: container,
          EndpointConfig: {
            IPAMConfig: {
              IPv4Address: flags.ip ?? '',
              IPv6Address: flags.ip6 ?? '',
              LinkLocalIPs: flags.linkLocalIp ?? [],
            },
            Aliases: flags.alias ?? [],
            Links: flags.link ?? [],
            DriverOpts: pairsOf(flags.driverOpt),
          },
          abortSignal: context.interrupts.signal,
        });
        return undefined;
      }),
    );
};
