// A network as the API shows it.
import type { IpamPool, NetworkInspect, NetworkMember } from '../../api/objects.ts';
import type { ContainerNetworking } from '../services.ts';
import type { NetworkRecord } from './record.ts';
import type { NetworkKind, NetworkSpec } from './types.ts';

/** A running container in a network. */
export type Member = ReturnType<ContainerNetworking['members']>[number];

const DRIVER_NAMES: Readonly<Record<NetworkKind, string>> = { bridge: 'bridge', host: 'host', none: 'null' };

/** The driver's name in the API. */
export function driverName(spec: NetworkSpec): string {
  return DRIVER_NAMES[spec.driver];
}

/** The body of GET /networks/{id}; lists have no members. */
export function inspectNetwork(record: NetworkRecord, members: readonly Member[]): NetworkInspect {
  const { spec, created, labels, options, attachable } = record;
  return {
    Name: spec.name,
    Id: spec.id,
    Created: created,
    Scope: 'local',
    Driver: driverName(spec),
    EnableIPv4: true,
    EnableIPv6: spec.subnet6 !== '',
    IPAM: { Driver: 'default', Options: null, Config: poolsOf(record) },
    Internal: spec.internal,
    Attachable: attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(members.map((member) => [member.id, memberOf(spec, member)])),
    Options: options,
    Labels: labels,
  };
}

function poolsOf({ spec, auxiliary }: NetworkRecord): readonly IpamPool[] {
  if (spec.driver !== 'bridge') return [];
  const range = spec.ipRange === '' ? {} : { IPRange: spec.ipRange };
  const aux = Object.keys(auxiliary).length === 0 ? {} : { AuxiliaryAddresses: auxiliary };
  const pool4 = { Subnet: spec.subnet, ...range, Gateway: spec.gateway, ...aux };
  return spec.subnet6 === '' ? [pool4] : [pool4, { Subnet: spec.subnet6, Gateway: spec.gateway6 }];
}

function memberOf(spec: NetworkSpec, { name, endpointId, endpoint }: Member): NetworkMember {
  return {
    Name: name,
    EndpointID: endpointId,
    MacAddress: endpoint.mac,
    IPv4Address: withLength(endpoint.address, spec.subnet),
    IPv6Address: withLength(endpoint.address6, spec.subnet6),
  };
}

function withLength(address: string, subnet: string): string {
  return address === '' ? '' : `${address}/${subnet.split('/')[1] ?? ''}`;
}
