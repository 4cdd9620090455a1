// The networks area: which networks exist, who holds addresses and ports in them, and what the API may do with them.
// Links, rules and tables are the driver's; what containers need done is asked of the containers area.
import type { NetworkInspect } from '../../api/objects.ts';
import { GantryError, messageOf } from '../../base/error.ts';
import { KeyedMutex } from '../../base/semaphore.ts';
import { networkRoutes } from '../http/routes/networks.ts';
import type {
  Area,
  ContainerNetworking,
  EngineContext,
  NetworkService,
  RestoreStart,
  UsageService,
} from '../services.ts';
import { Allocations } from './allocations.ts';
import { overlaps, parsePrefix } from './cidr.ts';
import { driverName, inspectNetwork } from './answer.ts';
import { makeNetwork, makePredefined, type NewNetwork } from './create.ts';
import { keepDefaultBridge, type DefaultBridge } from './default-bridge.ts';
import { PREDEFINED, type NetworkSurroundings } from './define.ts';
import { hostHasIpv6, hostPrefixes, prefixesBeside } from './host-net.ts';
import { portSettings } from './port-table.ts';
import { networkRecords, type NetworkRecord, type NetworkRecords } from './record.ts';
import { isPredefined, selectNetworks, type Filters } from './select.ts';
import type { ContainerNet, NetworkDriver, NetworkSpec, NetworkWarning, Waiting } from './types.ts';

/** All that can be done with networks. */
export interface Networks extends NetworkService {
  create(wanted: NewNetwork): Promise<string>;
  inspect(reference: string): NetworkInspect;
  select(filters: Filters): readonly NetworkInspect[];
  remove(reference: string, waiting: Waiting): Promise<void>;
  /** Removes what no container refers to; gives the names. */
  prune(filters: Filters, waiting: Waiting): Promise<readonly string[]>;
}

/** Seams of the networks area. */
export interface NetworksDeps {
  readonly driver: NetworkDriver;
  /** Standing warnings of the driver, for GET /info. */
  readonly warnings: () => readonly NetworkWarning[];
  /** The containers area; it must be able to answer when `restore` is called. */
  readonly containers: ContainerNetworking & UsageService;
  /** Containers that were running when the last daemon ended. */
  readonly running: () => readonly ContainerNet[];
}

interface Store extends NetworksDeps {
  readonly context: EngineContext;
  readonly records: NetworkRecords;
  readonly allocations: Allocations;
  readonly defaultBridge: DefaultBridge;
  /** Networks on their way out, which nobody may join any more. */
  readonly leaving: Set<string>;
  readonly locks: KeyedMutex;
}

/** Makes the networks area; its service can be used once `restore` has run. */
export async function createNetworks(
  context: EngineContext,
  deps: NetworksDeps,
): Promise<{ readonly networks: Networks; readonly area: Area }> {
  const records = networkRecords(context.db);
  const allocations = new Allocations(portSettings(await hostHasIpv6()));
  const network = (): NetworkSpec | undefined => records.byName('bridge')?.spec;
  const store: Store = {
    ...deps,
    context,
    records,
    allocations,
    defaultBridge: keepDefaultBridge({ driver: deps.driver, allocations, log: context.log, network }),
    leaving: new Set(),
    locks: new KeyedMutex(),
  };
  const networks = networksOf(store);
  const area: Area = {
    handlers: networkRoutes(networks, deps.containers),
    restore: async (start) => restoreNetworks(store, start),
    info: () => ({ Warnings: deps.warnings().map(({ message, hint }) => `WARNING: ${message} (${hint})`) }),
    close: async () => closeNetworks(store),
  };
  return { networks, area };
}

function networksOf(store: Store): Networks {
  const { records, allocations, containers, defaultBridge } = store;
  const isUsed = (id: string): boolean => containers.containersOfNetwork(id).length > 0;
  return {
    driver: defaultBridge.driver,
    resolve: (reference) => records.find(reference).spec,
    list: () => records.all().map(({ spec }) => spec),
    allocateEndpoint: (request) => {
      const { network } = request;
      if (store.leaving.has(network.id)) throw gone(network.name);
      return allocations.allocateEndpoint({ ...request, network: network.isDefault ? usableDefault(store) : network });
    },
    allocatePorts: (containerId, requests, hostIp) => allocations.allocatePorts(containerId, requests, hostIp),
    release: (containerId, networkId) => {
      allocations.release(containerId, networkId);
      defaultBridge.released();
    },
    adopt: (containerId, endpoints, ports) => allocations.adopt(containerId, endpoints, ports),
    create: async (wanted) => createNetwork(store, wanted),
    inspect: (reference) => {
      const record = records.find(reference);
      return inspectNetwork(record, containers.members(record.spec.id));
    },
    select: (filters) => selectNetworks(records.all(), filters, isUsed).map((record) => inspectNetwork(record, [])),
    remove: async (reference, waiting) => removeNetwork(store, reference, waiting),
    prune: async (filters, waiting) => {
      const unused = selectNetworks(records.all(), filters, isUsed).filter(
        (record) => !isPredefined(record) && !isUsed(record.spec.id),
      );
      for (const { spec } of unused) await removeNetwork(store, spec.id, waiting);
      store.context.events.emit('network', 'prune', { id: '', attributes: { reclaimed: '0' } });
      return unused.map(({ spec }) => spec.name);
    },
  };
}

/** First of all that stands outside of the engine: what it protects has been running without it. */
async function restoreNetworks(store: Store, { rebooted, signal }: RestoreStart): Promise<void> {
  await ensurePredefined(store);
  const networks = store.records.all().map(({ spec }) => spec);
  await store.driver.reapplyAll({ networks, containers: rebooted ? [] : store.running() }, { signal });
  store.defaultBridge.released();
}

/** The three that always exist. Bridges themselves are made when the first container needs them. */
async function ensurePredefined(store: Store): Promise<void> {
  for (const name of ['bridge', 'host', 'none'] as const) {
    if (store.records.byName(name) === undefined) store.records.put(makePredefined(name, await surroundings(store)));
  }
}

async function surroundings({ context, records }: Store): Promise<NetworkSurroundings> {
  const hostPrefixList = await hostPrefixes();
  return { tag: context.paths.tag, hostPrefixes: hostPrefixList, networks: records.all().map(({ spec }) => spec) };
}

/** Choosing a subnet and storing it is one step, so that two networks never choose the same. */
async function createNetwork(store: Store, wanted: NewNetwork): Promise<string> {
  return await store.locks.run('create', async () => {
    if (PREDEFINED.includes(wanted.name)) {
      throw new GantryError('engine/forbidden', `operation is not permitted on predefined ${wanted.name} network`);
    }
    if (store.records.byName(wanted.name) !== undefined) {
      throw new GantryError('engine/conflict', `network with name ${wanted.name} already exists`);
    }
    const record = makeNetwork(wanted, await surroundings(store));
    store.records.put(record);
    announce(store, 'create', record);
    prepareBridge(store, record);
    return record.spec.id;
  });
}

/** Nobody waits for it: a container's start makes sure of the bridge and tells what hinders it. */
function prepareBridge({ driver, context }: Store, { spec }: NetworkRecord): void {
  driver.ensureNetwork(spec, { signal: context.signal }).catch((error: unknown) => {
    context.log.warn('bridge was not made', { network: spec.id, error: messageOf(error) });
  });
}

async function removeNetwork(store: Store, reference: string, waiting: Waiting): Promise<void> {
  const { id } = store.records.find(reference).spec;
  await store.locks.run(id, async () => {
    const record = store.records.find(id);
    refuseRemoval(store, record);
    store.leaving.add(id);
    try {
      await store.driver.removeNetwork(record.spec, waiting);
      store.records.delete(id);
    } finally {
      store.leaving.delete(id);
    }
    announce(store, 'destroy', record);
  });
}

function refuseRemoval(store: Store, record: NetworkRecord): void {
  const { id, name } = record.spec;
  if (isPredefined(record)) {
    throw new GantryError('engine/forbidden', `${name} is a pre-defined network and cannot be removed`);
  }
  const members = store.containers.members(id);
  if (members.length === 0 && store.allocations.endpointsOf(id).length === 0) return;
  const list = members.map((member) => `name:"${member.name}" id:"${member.endpointId.slice(0, 12)}"`).join(', ');
  throw new GantryError(
    'engine/forbidden',
    `error while removing network: network ${name} id ${id} has active endpoints (${list})`,
    { hint: 'stop or disconnect its containers' },
  );
}

/** An engine that leaves with no container running takes its bridges and rules along; the next one makes them again. */
async function closeNetworks(store: Store): Promise<void> {
  store.defaultBridge.close();
  const specs = store.records.all().map(({ spec }) => spec);
  const isIdle = specs.every(({ id }) => store.allocations.endpointsOf(id).length === 0);
  if (isIdle) {
    const waiting = { signal: AbortSignal.timeout(5000) };
    for (const spec of specs) if (spec.driver === 'bridge') await store.driver.removeNetwork(spec, waiting);
  }
  await store.driver.close();
}

/**
 * The default network's bridge stands only while containers use it, so another engine may have taken its subnet in
 * between: then it moves to another one before its first container gets an address.
 */
function usableDefault({ records, allocations, context }: Store): NetworkSpec {
  const { spec } = records.find('bridge');
  if (allocations.endpointsOf(spec.id).length > 0) return spec;
  const taken = prefixesBeside(spec.bridge);
  if (!taken.some((prefix) => overlaps(parsePrefix(spec.subnet), parsePrefix(prefix)))) return spec;
  const networks = records.all().flatMap((record) => (record.spec.isDefault ? [] : [record.spec]));
  const moved = makePredefined('bridge', { tag: context.paths.tag, networks, hostPrefixes: taken }, spec.id);
  records.put(moved);
  context.log.info('default network moved', { from: spec.subnet, to: moved.spec.subnet });
  return moved.spec;
}

function announce({ context }: Store, action: string, { spec }: NetworkRecord): void {
  context.events.emit('network', action, { id: spec.id, attributes: { name: spec.name, type: driverName(spec) } });
}

function gone(name: string): GantryError {
  return new GantryError('engine/not-found', `network ${name} not found`);
}
