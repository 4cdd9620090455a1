// The side effects of networks: bridges by the zygote, rules by the firewall's writer, name tables and sysctls by file.
// Keeps nothing of its own: what it is told again after a restart (reapplyAll) is all it needs.
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRecord, type ValuesOf } from '../shim/codec.ts';
import { errnoName, failureOf } from '../shim/failure.ts';
import { NET_OPS } from '../shim/records.ts';
import { familyOf, parsePrefix } from './cidr.ts';
import type { FirewallOptions } from './firewall.ts';
import { prepareForwarding, prepareRestore, routeLocalnet, type Forwarding } from './forwarding.ts';
import { hostResolvConf, isListed } from './host-net.ts';
import { guardTable, linksFile, macBytes, namesDir, namesFile } from './link-names.ts';
import { makeNamesDir, renderNames, writeTable } from './name-table.ts';
import { OpsQueue } from './ops-queue.ts';
import { containerRecords, endpointRecord, tablesOf } from './plan.ts';
import { chainNames, containerRules, networkRules, placesOf, type Chains, type Family } from './rules.ts';
import { invariant } from '../../base/error.ts';
import { KeyedMutex } from '../../base/semaphore.ts';
import type { ContainerNet, NetworkDriver, NetworkDriverOptions, NetworkSpec, NetworkState, Waiting } from './types.ts';
import { settleAll, Walls, type RulesOf } from './walls.ts';
import { Watchdog } from './watchdog.ts';

/** Makes the driver of one engine; nothing is touched before the first call. */
export function createNetworkDriver(options: NetworkDriverOptions): NetworkDriver {
  const chains = chainNames(options.tag);
  const setForward: FirewallOptions['setForward'] = async (family, policy, waiting) =>
    options.ops.run(encodeRecord(NET_OPS.forwardPolicy, { family, accept: policy === 'ACCEPT' ? 1 : 0 }), waiting);
  const walls = new Walls({ chains, log: options.log, warn: options.warn, setForward });
  const parts: Parts = {
    options,
    chains,
    walls,
    standing: new Map(),
    opened: new Map(),
    guarded: { value: false },
    stale: new OpsQueue(options.ops),
    forgetting: new Set(),
    leaving: new Map(),
    published: new Set(),
    locks: new KeyedMutex(),
    watchdog: new Watchdog({
      walls,
      log: options.log,
      changed: async () => options.ops.rulesChanged(),
      mend: () => mend(parts),
    }),
  };
  return {
    ensureNetwork: (network, waiting) => parts.locks.run('networks', () => ensureNetwork(parts, network, waiting)),
    removeNetwork: (network, waiting) => parts.locks.run('networks', () => removeNetwork(parts, network, waiting)),
    planContainer: (container, networks) => planContainer(parts, container, networks),
    planEndpoint: (container, networkId, networks) => planEndpoint(container, networkId, networks),
    publish: (container, networks, waiting) => publish(parts, { container, networks, waiting }),
    unpublish: (container, waiting) => unpublish(parts, container, waiting),
    writeNames: (network, entries) => replaceTable(parts, namesFile(options.run, network.id), renderNames(entries)),
    reapplyAll: (state, waiting) => parts.locks.run('networks', () => reapplyAll(parts, state, waiting)),
    close: async () => {
      parts.watchdog.stop();
      await Promise.all([...parts.forgetting, ...parts.leaving.values()]);
      await walls.close();
    },
  };
}

interface Parts {
  readonly options: NetworkDriverOptions;
  readonly chains: Chains;
  readonly walls: Walls;
  /** Bridge networks that were made in this life of the daemon. */
  readonly standing: Map<string, NetworkSpec>;
  /** By id of a network that stands: resolves when its rules do too. */
  readonly opened: Map<string, Promise<void>>;
  readonly guarded: { value: boolean };
  /** Deletions of connections. */
  readonly stale: OpsQueue;
  /** Those under way that nobody waited for. */
  readonly forgetting: Set<Promise<void>>;
  /** Removals of links that go on in the kernel, by id of their network. */
  readonly leaving: Map<string, Promise<void>>;
  /** Containers that were published and not unpublished in this life of the daemon. */
  readonly published: Set<string>;
  readonly locks: KeyedMutex;
  readonly watchdog: Watchdog;
}

/** Resolves with the bridge: a container can be prepared on it while the rules are written, for which `publish` waits. */
async function ensureNetwork(parts: Parts, network: NetworkSpec, waiting: Waiting): Promise<void> {
  if (network.driver !== 'bridge' || parts.standing.has(network.id)) return;
  const folder = makeNamesDir(namesDir(parts.options.run));
  const links = makeLinks(parts, network, waiting);
  const opened = folder.then(() => parts.locks.run('forwarding', () => openNetwork(parts, network, links)));
  parts.opened.set(network.id, opened);
  parts.standing.set(network.id, network);
  opened.catch(() => forgetNetwork(parts, network)); // whoever waits is told; the next call tries again
  await settleAll([links, folder]).catch(async (error: unknown) => {
    await opened.catch(() => undefined);
    throw error;
  });
  parts.watchdog.start();
}

function forgetNetwork(parts: Parts, { id }: NetworkSpec): void {
  parts.opened.delete(id);
  parts.standing.delete(id);
}

async function makeLinks(parts: Parts, network: NetworkSpec, waiting: Waiting): Promise<void> {
  // a removal whose zygote died is asked for again, and would take the new bridge
  await parts.leaving.get(network.id);
  await guard(parts, waiting);
  await parts.options.ops.run(bridgeOp(network), waiting);
}

/** The guard stands before the bridge, the rules before forwarding, and everything before localhost is let through. */
async function openNetwork(parts: Parts, network: NetworkSpec, links: Promise<void>): Promise<void> {
  const enable = await Promise.all(familiesOf(network).map((family) => prepareForwarding(forwarding(parts, family))));
  await settleAll([links, parts.walls.set(`network/${network.id}`, rulesOfNetwork(parts, network))]);
  for (const step of enable) await step();
  if (!network.internal) await routeLocalnet(network.bridge);
}

async function removeNetwork(parts: Parts, network: NetworkSpec, waiting: Waiting): Promise<void> {
  if (network.driver !== 'bridge') return;
  const { options, standing } = parts;
  await parts.opened.get(network.id)?.catch(() => undefined);
  forgetNetwork(parts, network);
  const isLast = standing.size === 0;
  if (isLast) parts.watchdog.stop();
  await parts.locks.run('forwarding', async () => {
    const restore = await stopForwarding(parts, network); // its lock is the one that removing a bridge holds for long
    const cleared = removeLinks(parts, network, waiting);
    await settleAll([
      parts.walls.remove(`network/${network.id}`),
      removeTable(parts, namesFile(options.run, network.id)),
    ]);
    for (const step of restore) await step();
    // The kernel takes a bridge off its list at once, and then clears up for some ten milliseconds that nobody need wait.
    if (await isListed(network.bridge)) await cleared;
  });
  if (isLast) await removeGuard(parts, waiting);
}

/** Begins to remove a network's links; who makes the same bridge again waits for the end. */
function removeLinks(parts: Parts, { id, group }: NetworkSpec, waiting: Waiting): Promise<void> {
  const { log, ops } = parts.options;
  const cleared = ops.run(encodeRecord(NET_OPS.groupDel, { group }), waiting);
  const report = (error: unknown): void => log.error('links were not removed', { network: id, error });
  const left = cleared.catch(report).finally(() => parts.leaving.delete(id));
  parts.leaving.set(id, left);
  return cleared;
}

/** Forwarding of a family goes with its last network: gives what is to be called behind the removal of the rules. */
async function stopForwarding(parts: Parts, network: NetworkSpec): Promise<readonly (() => Promise<void>)[]> {
  const left = new Set([...parts.standing.values()].flatMap(familiesOf));
  const gone = familiesOf(network).filter((family) => !left.has(family));
  const { forward } = parts.chains;
  return await Promise.all(gone.map((family) => prepareRestore(forwarding(parts, family), forward)));
}

function familiesOf({ subnet6 }: NetworkSpec): readonly Family[] {
  return subnet6 === '' ? [4] : [4, 6];
}

function forwarding({ options, walls }: Parts, family: Family): Forwarding {
  return { run: options.run, family, firewall: walls.of(family) };
}

function rulesOfNetwork({ chains }: Parts, network: NetworkSpec): RulesOf {
  return (family) => networkRules(network, chains, family);
}

async function planContainer(
  { options }: Parts,
  container: ContainerNet,
  networks: readonly NetworkSpec[],
): Promise<readonly Buffer[]> {
  return containerRecords({ run: options.run, container, networks, host: await hostResolvConf() });
}

function planEndpoint(container: ContainerNet, networkId: string, networks: readonly NetworkSpec[]): Buffer {
  const places = placesOf(container, networks);
  const place = places.find(({ network }) => network.id === networkId);
  invariant(place !== undefined, `container ${container.id} has no endpoint in bridge network ${networkId}`);
  return endpointRecord(place, places);
}

interface Publication {
  readonly container: ContainerNet;
  readonly networks: readonly NetworkSpec[];
  readonly waiting: Waiting;
}

async function publish(parts: Parts, { container, networks, waiting }: Publication): Promise<void> {
  parts.published.add(container.id);
  await settleAll([
    ...parts.forgetting, // its addresses may have been another's
    ...networks.map(async ({ id }) => parts.opened.get(id)),
    parts.walls.set(`container/${container.id}`, rulesOfContainer(parts, container, networks)),
    writeOwnTable(parts, container, networks),
  ]);
  const udp = container.ports.filter(({ proto, hostIp }) => proto === 'udp' && familyOf(hostIp) === 4);
  const stale = udp.map(({ hostIp, hostPort }) => ({
    proto: 17,
    address: hostIp === '0.0.0.0' ? '' : hostIp,
    port: hostPort,
  }));
  await forget(parts, stale, waiting);
}

async function unpublish(parts: Parts, container: ContainerNet, waiting: Waiting): Promise<void> {
  parts.published.delete(container.id);
  if (parts.published.size === 0) parts.walls.of(4).lookAhead(); // networks go next, as a rule
  await settleAll([
    parts.walls.remove(`container/${container.id}`),
    removeTable(parts, linksFile(parts.options.run, container.id)),
  ]);
  forgetAddresses(parts, container, waiting);
}

/** The kernel walks its whole table for it, some milliseconds: only who gets the addresses next waits. */
function forgetAddresses(parts: Parts, { id, endpoints }: ContainerNet, waiting: Waiting): void {
  const addresses = endpoints.map(({ address }) => address).filter((address) => address !== '');
  const connections = addresses.map((address) => ({ proto: 0, address, port: 0 }));
  const { log } = parts.options;
  const forgetting = forget(parts, connections, waiting)
    .catch((error: unknown) => log.error('old connections were not forgotten', { container: id, error }))
    .finally(() => parts.forgetting.delete(forgetting));
  parts.forgetting.add(forgetting);
}

/** Makes the kernel forget connections, which would else go on to where they once led. */
async function forget(
  parts: Parts,
  connections: readonly ValuesOf<typeof NET_OPS.conntrackDel>[],
  waiting: Waiting,
): Promise<void> {
  await parts.stale.run(
    connections.map((values) => encodeRecord(NET_OPS.conntrackDel, values)),
    waiting,
  );
}

/** The names a container alone resolves, and which networks' tables its resolver reads from now on. */
async function writeOwnTable(parts: Parts, container: ContainerNet, networks: readonly NetworkSpec[]): Promise<void> {
  const { run } = parts.options;
  const places = placesOf(container, networks);
  if (places.length === 0) return;
  await replaceTable(parts, linksFile(run, container.id), renderNames(container.links, tablesOf(run, places)));
}

async function replaceTable({ locks }: Parts, path: string, text: string): Promise<void> {
  await locks.run(path, () => writeTable(path, text));
}

async function removeTable({ locks }: Parts, path: string): Promise<void> {
  await locks.run(path, () => rm(path, { force: true }));
}

async function reapplyAll(parts: Parts, state: NetworkState, waiting: Waiting): Promise<void> {
  const bridges = state.networks.filter(({ driver }) => driver === 'bridge');
  const used = new Set(state.containers.flatMap(({ endpoints }) => endpoints.map(({ networkId }) => networkId)));
  const needed = bridges.filter(({ id }) => used.has(id));
  await Promise.allSettled(parts.opened.values());
  parts.opened.clear();
  parts.standing.clear();
  parts.published.clear();
  for (const { id } of state.containers) parts.published.add(id);
  await removeStrayFiles(parts, state);
  const owners = new Map<string, RulesOf>([
    ...needed.map((network) => [`network/${network.id}`, rulesOfNetwork(parts, network)] as const),
    ...state.containers.map(
      (container) => [`container/${container.id}`, rulesOfContainer(parts, container, state.networks)] as const,
    ),
  ]);
  const families = [...new Set<Family>([4, ...bridges.flatMap(familiesOf)])];
  parts.guarded.value = false;
  if (needed.length > 0) await guard(parts, waiting);
  else await removeGuard(parts, waiting);
  const idle = families.filter((family) => !needed.some((network) => familiesOf(network).includes(family)));
  const { forward } = parts.chains;
  const restore = await Promise.all(idle.map((family) => prepareRestore(forwarding(parts, family), forward)));
  await parts.walls.replaceAll(owners, families);
  for (const step of restore) await step();
  for (const network of needed) {
    await ensureNetwork(parts, network, waiting);
    await parts.opened.get(network.id);
  }
}

function rulesOfContainer({ chains }: Parts, container: ContainerNet, networks: readonly NetworkSpec[]): RulesOf {
  return (family) => containerRules(container, networks, { chains, family });
}

/** Called when rules of ours are missing: all is written again, the guard first. */
async function mend(parts: Parts): Promise<void> {
  parts.guarded.value = false;
  await guard(parts, { signal: AbortSignal.timeout(MEND_MS) });
  await parts.walls.rewrite();
}

const MEND_MS = 30_000;
/** What a kernel answers that lacks nf_tables, by how much of netfilter it has. */
const NO_NFTABLES: readonly string[] = ['EPROTONOSUPPORT', 'EOPNOTSUPP', 'EINVAL', 'ENOENT'];

/** Makes the guard of 127/8 unless it was made. A kernel without nf_tables has only the iptables rule of the same duty. */
async function guard({ options, guarded }: Parts, waiting: Waiting): Promise<void> {
  if (guarded.value) return;
  try {
    await options.ops.run(encodeRecord(NET_OPS.guardAdd, { table: guardTable(options.tag) }), waiting);
  } catch (error) {
    const failure = failureOf(error);
    if (failure?.step !== 'nat' || !NO_NFTABLES.includes(errnoName(failure.errno))) throw error;
    options.warn({
      code: 'networks/weak-guard',
      message:
        "the kernel has no nf_tables: only a rule in iptables' table raw keeps containers from services on 127.0.0.1",
      hint: 'load nf_tables, or never flush the table raw while containers run',
    });
  }
  guarded.value = true;
}

async function removeGuard({ options, guarded }: Parts, waiting: Waiting): Promise<void> {
  guarded.value = false;
  await options.ops.run(encodeRecord(NET_OPS.guardDel, { table: guardTable(options.tag) }), waiting);
}

function bridgeOp(network: NetworkSpec): Buffer {
  const length = (subnet: string): string => String(parsePrefix(subnet).length);
  return encodeRecord(NET_OPS.bridgeAdd, {
    name: network.bridge,
    mac: macBytes(network.mac),
    mtu: network.mtu,
    group: network.group,
    address: `${network.gateway}/${length(network.subnet)}`,
    address6: network.subnet6 === '' ? '' : `${network.gateway6}/${length(network.subnet6)}`,
  });
}

/** Name tables of networks and containers that are no more. */
async function removeStrayFiles(parts: Parts, state: NetworkState): Promise<void> {
  const { run } = parts.options;
  const kept = new Set([
    ...state.networks.map(({ id }) => namesFile(run, id)),
    ...state.containers.map(({ id }) => linksFile(run, id)),
  ]);
  await makeNamesDir(namesDir(run));
  const found = (await readdir(namesDir(run))).filter((name) => /\.(names|links)(\.|$)/.test(name));
  const stray = found.map((name) => join(namesDir(run), name)).filter((path) => !kept.has(path));
  await Promise.all(stray.map((path) => rm(path, { force: true })));
}
