// Networks and containers that the tests of this area share.
import type { ContainerNet, NetworkSpec } from '../../../../src/engine/networks/types.ts';

/** A user-defined network. */
export const network: NetworkSpec = {
  id: '1'.repeat(64),
  name: 'front',
  driver: 'bridge',
  subnet: '172.18.0.0/16',
  gateway: '172.18.0.1',
  ipRange: '',
  subnet6: '',
  gateway6: '',
  reserved: [],
  internal: false,
  icc: true,
  masquerade: true,
  mtu: 1500,
  bridge: 'br-111111111111',
  group: 7,
  mac: '02:42:ac:12:00:01',
  hostIp: '',
  isDefault: false,
};

/** A second one that is internal. */
export const internal: NetworkSpec = {
  ...network,
  id: '2'.repeat(64),
  name: 'back',
  internal: true,
  subnet: '172.19.0.0/16',
  gateway: '172.19.0.1',
  bridge: 'br-222222222222',
  group: 8,
};

/** A container of both, with a port. */
export const container: ContainerNet = {
  id: 'c'.repeat(64),
  endpoints: [
    {
      networkId: network.id,
      ifname: 'eth0',
      hostIf: 'veth0',
      mac: '02:42:ac:12:00:02',
      address: '172.18.0.2',
      address6: '',
      names: ['web'],
      gatewayPriority: 0,
    },
    {
      networkId: internal.id,
      ifname: 'eth1',
      hostIf: 'veth1',
      mac: '02:42:ac:13:00:02',
      address: '172.19.0.2',
      address6: '',
      names: ['web'],
      gatewayPriority: 0,
    },
  ],
  ports: [
    { hostIp: '0.0.0.0', hostPort: 8080, proto: 'tcp', containerPort: 80 },
    { hostIp: '::', hostPort: 8080, proto: 'tcp', containerPort: 80 },
  ],
  links: [],
  dns: { servers: [], search: [], options: [] },
};
