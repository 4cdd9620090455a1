// Connects containers to networks and takes them out again, live where they run.
import { randomBytes } from 'node:crypto';
import type { EndpointConfig } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import type { ContainerNet, NetworkSpec } from '../networks/types.ts';
import type { ContainerNetworking } from '../services.ts';
import type { Container } from './container.ts';
import type { Containers } from './context.ts';
import { membership } from './create/memberships.ts';
import { freeInterface, wantedInterface } from './interface-names.ts';
import { isAlive, type Membership } from './record.ts';
import { rewriteEtcFiles } from './start/etc-files.ts';
import { allocateEndpoint, announceNetwork, bridgesOf, containerNet, refreshNames } from './start/sandbox.ts';

/** What the network routes call. */
export function containerNetworking(containers: Containers): ContainerNetworking {
  return {
    connect: async (reference, { network, config }) =>
      connect(containers, containers.store.find(reference), { network, config }),
    disconnect: async (reference, { network }) => disconnect(containers, containers.store.find(reference), network),
    members: (networkId) =>
      containers.store
        .all()
        .flatMap(({ record }) =>
          Object.values(record.networks).flatMap(({ endpoint, endpointId }) =>
            endpoint?.networkId === networkId ? [{ id: record.id, name: record.name, endpointId, endpoint }] : [],
          ),
        ),
  };
}

async function connect(
  containers: Containers,
  container: Container,
  request: { network: NetworkSpec; config: EndpointConfig },
): Promise<void> {
  const { network, config } = request;
  await containers.store.own(container, async () => {
    const { record } = container;
    refuseMode(record.host.NetworkMode ?? '', network);
    const member = membership(network.id, config);
    if (!isAlive(record)) {
      setMember(container, network.name, member);
      containers.store.save(container);
      return;
    }
    if (network.name in record.networks) {
      throw new GantryError(
        'engine/forbidden',
        `endpoint with name ${record.name} already exists in network ${network.name}`,
      );
    }
    await plugIn(containers, container, { network, member });
  });
}

/** Rules, names and link of one more endpoint. Taken back when any of it fails. */
async function plugIn(
  containers: Containers,
  container: Container,
  place: { network: NetworkSpec; member: Membership },
): Promise<void> {
  const { network, member } = place;
  const { driver } = containers.networks;
  const waiting = { signal: containers.engine.signal };
  await driver.ensureNetwork(network, waiting);
  const endpoint = allocateEndpoint(containers, container.record, {
    network,
    member,
    ifname: interfaceOf(container, member),
  });
  setMember(container, network.name, { ...member, endpoint, endpointId: randomBytes(32).toString('hex') });
  try {
    const net = containerNet(containers, container.record);
    const all = bridgesOf(containers, container.record);
    await container.shim?.endpointAdd(driver.planEndpoint(net, network.id, all));
    await driver.publish(net, all, waiting);
  } catch (error) {
    dropMember(container, network.name);
    containers.networks.release(container.id, network.id);
    throw error;
  }
  await settle(containers, container, network);
  announceNetwork(containers, container.record, { id: network.id, name: network.name, action: 'connect' });
}

async function disconnect(containers: Containers, container: Container, network: NetworkSpec): Promise<void> {
  await containers.store.own(container, async () => {
    const member = container.record.networks[network.name];
    if (member === undefined) {
      throw new GantryError(
        'engine/internal',
        `container ${container.id} is not connected to the network ${network.name}`,
      );
    }
    const before = containerNet(containers, container.record);
    dropMember(container, network.name);
    if (member.endpoint !== undefined) await unplug(containers, container, { ifname: member.endpoint.ifname, before });
    containers.networks.release(container.id, network.id);
    await settle(containers, container, network);
    announceNetwork(containers, container.record, { id: network.id, name: network.name, action: 'disconnect' });
  });
}

/** Rules and names of what is left, or of nothing; then the link goes. */
async function unplug(
  containers: Containers,
  container: Container,
  { ifname, before }: { readonly ifname: string; readonly before: ContainerNet },
): Promise<void> {
  const { driver } = containers.networks;
  const waiting = { signal: containers.engine.signal };
  const left = bridgesOf(containers, container.record);
  if (left.length > 0) await driver.publish(containerNet(containers, container.record), left, waiting);
  else await driver.unpublish(before, waiting);
  await container.shim?.endpointDel(ifname);
}

async function settle(containers: Containers, container: Container, network: NetworkSpec): Promise<void> {
  containers.store.save(container);
  if (!isAlive(container.record)) return;
  rewriteEtcFiles(containers, container.record);
  await refreshNames(containers, [network]);
}

function refuseMode(mode: string, network: NetworkSpec): void {
  if (mode.startsWith('container:'))
    throw new GantryError(
      'engine/bad-parameter',
      'container sharing network namespace with another container or host cannot be connected to any other network',
    );
  if (mode === 'host' || network.driver === 'host')
    throw new GantryError(
      'engine/bad-parameter',
      'container cannot be disconnected from host network or connected to host network',
    );
  if (mode === 'none' || network.driver === 'none')
    throw new GantryError(
      'engine/bad-parameter',
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    );
}

/** What it asks for, unless an interface is called that already. */
function interfaceOf({ record }: Container, { config }: Membership): string {
  const taken = new Set(Object.values(record.networks).map((member) => member.endpoint?.ifname));
  const wanted = wantedInterface(config) ?? freeInterface(taken);
  if (!taken.has(wanted)) return wanted;
  throw new GantryError('engine/bad-parameter', `two interfaces of a container cannot both be called ${wanted}`);
}

function setMember(container: Container, name: string, member: Membership): void {
  container.record = { ...container.record, networks: { ...container.record.networks, [name]: member } };
}

function dropMember(container: Container, name: string): void {
  const left = Object.entries(container.record.networks).filter(([other]) => other !== name);
  container.record = { ...container.record, networks: Object.fromEntries(left) };
}
