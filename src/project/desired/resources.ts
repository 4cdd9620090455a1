// Bodies of a project's networks and volumes.
import type { CreateNetworkBody, CreateVolumeBody } from '../../api/objects.ts';
import type { Project } from '../../compose/model/project.ts';
import type { Network, Volume } from '../../compose/model/resources.ts';
import { resourceLabels } from './labels.ts';

/** The create call of a network. */
export function networkBody(project: Project, key: string, network: Network): CreateNetworkBody {
  return {
    Name: network.name,
    CheckDuplicate: true,
    Driver: network.driver ?? 'bridge',
    Internal: network.internal ?? false,
    Attachable: network.attachable ?? false,
    ...(network.enable_ipv4 === undefined ? {} : { EnableIPv4: network.enable_ipv4 }),
    EnableIPv6: network.enable_ipv6 ?? false,
    Options: network.driver_opts ?? {},
    Labels: resourceLabels(project, { network: key }, network.labels),
    IPAM: network.ipam === undefined ? null : ipam(network.ipam),
  };
}

/** The create call of a volume. */
export function volumeBody(project: Project, key: string, volume: Volume): CreateVolumeBody {
  return {
    Name: volume.name,
    ...(volume.driver === undefined ? {} : { Driver: volume.driver }),
    ...(volume.driver_opts === undefined ? {} : { DriverOpts: volume.driver_opts }),
    Labels: resourceLabels(project, { volume: key }, volume.labels),
  };
}

function ipam(given: NonNullable<Network['ipam']>): CreateNetworkBody['IPAM'] {
  return {
    Driver: given.driver ?? 'default',
    Options: given.options ?? null,
    Config: (given.config ?? []).map((pool) => ({
      Subnet: pool.subnet,
      IPRange: pool.ip_range,
      Gateway: pool.gateway,
      AuxiliaryAddresses: pool.aux_addresses,
    })),
  };
}
