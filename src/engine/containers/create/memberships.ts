// Which networks a container to be belongs to, from its network mode and the endpoints the request names.
import type { CreateContainerBody, EndpointConfig, HostConfig } from '../../../api/containers.ts';
import { GantryError, isGantryError } from '../../../base/error.ts';
import type { NetworkService } from '../../services.ts';
import { interfaceNames } from '../interface-names.ts';
import type { Membership } from '../record.ts';

/** What is asked for and who knows networks and containers. */
export interface MembershipSources {
  readonly body: CreateContainerBody;
  readonly networks: NetworkService;
  /** The full id of a container by reference. */
  readonly containerId: (reference: string) => string;
}

/** The mode as it is kept (`container:<id>`, a network's name, bridge, host, none) and the memberships by network name. */
export function resolveMemberships(sources: MembershipSources): {
  readonly mode: string;
  readonly networks: Readonly<Record<string, Membership>>;
} {
  const mode = normalMode(sources);
  const endpoints = sources.body.NetworkingConfig?.EndpointsConfig ?? {};
  if (mode.startsWith('container:')) {
    refuseShared(sources.body.HostConfig ?? {}, sources.body);
    return { mode, networks: {} };
  }
  const first = lookUp(sources.networks, mode);
  const wanted = Object.entries(endpoints).map(([name, config]) => ({
    network: lookUp(sources.networks, name),
    config,
  }));
  const named = wanted.find(({ network }) => network.name === first.name);
  interfaceNames(wanted.map(({ config }) => config ?? {}));
  const ordered = [named ?? { network: first, config: undefined }, ...wanted.filter((entry) => entry !== named)];
  return {
    mode,
    networks: Object.fromEntries(
      ordered.map(({ network, config }) => [network.name, membership(network.id, config ?? {})]),
    ),
  };
}

/** One that does not exist yet is looked for again at the start: a 404 here means "no such image" to the docker command. */
function lookUp(networks: NetworkService, name: string): { readonly id: string; readonly name: string } {
  const wanted = name === 'default' ? 'bridge' : name;
  try {
    return networks.resolve(wanted);
  } catch (error) {
    if (isGantryError(error, 'engine/not-found')) return { id: '', name: wanted };
    throw error;
  }
}

/** A membership that is not connected. */
export function membership(networkId: string, config: EndpointConfig): Membership {
  return { networkId, config, endpointId: '' };
}

function normalMode({ body, containerId, networks }: MembershipSources): string {
  const mode = body.HostConfig?.NetworkMode || 'default';
  if (mode.startsWith('container:')) return `container:${containerId(mode.slice('container:'.length))}`;
  if (mode !== 'default') return lookUp(networks, mode).name;
  const only = Object.keys(body.NetworkingConfig?.EndpointsConfig ?? {});
  return only.length > 0 && body.HostConfig?.NetworkMode === undefined
    ? lookUp(networks, only[0] ?? '').name
    : 'bridge';
}

/** Who shares another's network has no say in it. */
function refuseShared(host: HostConfig, body: CreateContainerBody): void {
  const conflicts: readonly (readonly [boolean, string])[] = [
    [
      Object.keys(host.PortBindings ?? {}).length > 0 || host.PublishAllPorts === true,
      'port publishing and the container type network mode',
    ],
    [
      (host.Links ?? []).length > 0,
      "container type network can't be used with links. This would result in undefined behavior",
    ],
    [(host.Dns ?? []).length > 0, 'dns and the network mode'],
    [(host.ExtraHosts ?? []).length > 0, 'custom host-to-IP mapping and the network mode'],
    [Boolean(body.Hostname), 'hostname and the network mode'],
  ];
  const found = conflicts.find(([isConflict]) => isConflict);
  if (found !== undefined) throw new GantryError('engine/bad-parameter', `conflicting options: ${found[1]}`);
}
