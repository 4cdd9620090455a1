// `docker network create`.
import type { CreateNetworkBody, IpamPool } from '../../../api/objects.ts';
import { GantryError } from '../../../base/error.ts';
import { collect } from '../../flags.ts';
import type { DefineVerb } from '../../verb.ts';
import { pairsOf } from './filters.ts';
import { poolsOf } from './network-pools.ts';

interface Flags {
  readonly attachable?: boolean;
  readonly auxAddress?: readonly string[];
  readonly configFrom?: string;
  readonly configOnly?: boolean;
  readonly driver?: string;
  readonly gateway?: readonly string[];
  readonly ingress?: boolean;
  readonly internal?: boolean;
  readonly ipRange?: readonly string[];
  readonly ipamDriver?: string;
  readonly ipamOpt?: readonly string[];
  readonly ipv6?: boolean;
  readonly label?: readonly string[];
  readonly opt?: readonly string[];
  readonly scope?: string;
  readonly subnet?: readonly string[];
}

/** `docker network create NETWORK`. */
export const networkCreate: DefineVerb = (command, begin) => {
  command
    .argument('<network>')
    .option('--attachable', 'containers may be attached by hand')
    .option('--aux-address <pair>', 'NAME=ADDRESS that is never given out, repeatable', collect)
    .option('--config-from <network>', 'network to take the configuration from')
    .option('--config-only', 'a configuration and no network')
    .option('-d, --driver <driver>', 'network driver', 'bridge')
    .option('--gateway <address>', 'address of the bridge, repeatable', collect)
    .option('--ingress', 'routing mesh of a swarm')
    .option('--internal', 'no way out of the network')
    .option('--ip-range <range>', 'part of the subnet that addresses are given from, repeatable', collect)
    .option('--ipam-driver <driver>', 'address management', 'default')
    .option('--ipam-opt <option>', 'KEY=VALUE for it, repeatable', collect)
    .option('--ipv6', 'IPv6 as well')
    .option('--label <label>', 'KEY=VALUE, repeatable', collect)
    .option('-o, --opt <option>', 'KEY=VALUE for the driver, repeatable', collect)
    .option('--scope <scope>', 'scope of the network')
    .option('--subnet <subnet>', 'subnet as 172.28.0.0/16, repeatable', collect)
    .action((name: string, flags: Flags) =>
      begin(async (context) => {
        const body = bodyOf(name, flags);
        const docker = await context.docker();
        const { id } = await docker.createNetwork({ ...body, abortSignal: context.interrupts.signal });
        context.print(`${id}\n`);
        return undefined;
      }),
    );
};

function bodyOf(name: string, flags: Flags): CreateNetworkBody {
  return {
    Name: name,
    CheckDuplicate: true,
    Driver: flags.driver ?? 'bridge',
    Internal: flags.internal === true,
    Attachable: flags.attachable === true,
    ...(flags.ingress === true ? { Ingress: true } : {}),
    ...(flags.configOnly === true ? { ConfigOnly: true } : {}),
    ...(flags.configFrom === undefined ? {} : { ConfigFrom: { Network: flags.configFrom } }),
    ...(flags.scope === undefined ? {} : { Scope: flags.scope }),
    ...(flags.ipv6 === true ? { EnableIPv6: true } : {}),
    IPAM: { Driver: flags.ipamDriver ?? 'default', Config: pools(flags), Options: pairsOf(flags.ipamOpt) },
    Options: pairsOf(flags.opt),
    Labels: pairsOf(flags.label),
  };
}

function pools(flags: Flags): readonly IpamPool[] {
  const { subnet = [], gateway = [], ipRange = [] } = flags;
  const auxiliary = pairsOf(flags.auxAddress);
  if (subnet.length === 0 && [...gateway, ...ipRange, ...Object.keys(auxiliary)].length > 0)
    throw new GantryError('usage/invalid-flag', 'every ip-range or gateway must have a corresponding subnet');
  return poolsOf({ subnets: subnet, gateways: gateway, ranges: ipRange, auxiliary });
}
