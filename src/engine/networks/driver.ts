// The side effects of networks: bridges by the zygote, rules by the firewall's writer, name tables and sysctls by file.
// Keeps nothing of its own: what it is told again after a restart (reapplyAll) is all it needs.
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeRecord } from '../shim/codec.ts';
import { NET_OPS } from '../shim/records.ts';
import { parsePrefix } from './cidr.ts';
import { Firewall } from './firewall.ts';
import { enableForwarding, restoreForwarding, routeLocalnet } from './forwarding.ts';
import { hostResolvConf } from './host-net.ts';
import { guardTable, linksFile, macBytes, namesDir, namesFile } from './link-names.ts';
import { writeNames } from './name-table.ts';
import { containerRecords, endpointRecord } from './plan.ts';
import { chainNames, containerRules, networkRules, placesOf, type Chains, type Rule } from './rules.ts';
import { invariant } from '../../base/error.ts';
import { KeyedMutex } from '../../base/semaphore.ts';
import type { ContainerNet, NetworkDriver, NetworkDriverOptions, NetworkSpec, NetworkState, Waiting } from './types.ts';
import { Watchdog } from './watchdog.ts';

/** Makes the driver of one engine; nothing is touched before the first call. */
export function createNetworkDriver(options: NetworkDriverOptions): NetworkDriver {
  const chains = chainNames(options.tag);
  const firewall = new Firewall({ chains, log: options.log, warn: options.warn });
  const parts: Parts = {
    options,
    chains,
    firewall,
    standing: new Map(),
    guarded: { value: false },
    locks: new KeyedMutex(),
    watchdog: new Watchdog({ firewall, log: options.log, mend: () => mend(parts) }),
  };
  return {
    ensureNetwork: (network, waiting) => parts.locks.run('networks', () => ensureNetwork(parts, network, waiting)),
    removeNetwork: (network, waiting) => parts.locks.run('networks', () => removeNetwork(parts, network, waiting)),
    planContainer: (container, networks) => planContainer(parts, container, networks),
    planEndpoint: (container, networkId, networks) => planEndpoint(container, networkId, networks),
    publish: (container, networks, waiting) => publish(parts, { container, networks, waiting }),
    unpublish: (container, waiting) => unpublish(parts, container, waiting),
    writeNames: (network, entries) => writeTable(parts, network.id, namesFile(options.run, network.id), entries),
    reapplyAll: (state, waiting) => parts.locks.run('networks', () => reapplyAll(parts, state, waiting)),
    close: async () => {
      parts.watchdog.stop();
      await firewall.close();
    },
  };
}

interface Parts {
  readonly options: NetworkDriverOptions;
  readonly chains: Chains;
  readonly firewall: Firewall;
  /** Bridge networks that were made in this life of the daemon. */
  readonly standing: Map<string, NetworkSpec>;
  readonly guarded: { value: boolean };
  readonly locks: KeyedMutex;
  readonly watchdog: Watchdog;
}

/** The guard stands before the bridge, the rules before forwarding, and everything before localhost is let through. */
async function ensureNetwork(parts: Parts, network: NetworkSpec, waiting: Waiting): Promise<void> {
  if (network.driver !== 'bridge' || parts.standing.has(network.id)) return;
  const { firewall, options } = parts;
  const links = options.ops.run(Buffer.concat([...guardOps(parts), bridgeOp(network)]), waiting);
  await settleAll([links, firewall.set(`network/${network.id}`, networkRules(network, parts.chains))]);
  parts.guarded.value = true;
  await enableForwarding(options.run, firewall);
  if (!network.internal) await routeLocalnet(network.bridge);
  parts.standing.set(network.id, network);
  parts.watchdog.start();
}

async function removeNetwork(parts: Parts, network: NetworkSpec, waiting: Waiting): Promise<void> {
  if (network.driver !== 'bridge') return;
  const { firewall, options } = parts;
  parts.standing.delete(network.id);
  const last = parts.standing.size === 0;
  const ops = [encodeRecord(NET_OPS.groupDel, { group: network.group })];
  if (last) ops.push(encodeRecord(NET_OPS.guardDel, { table: guardTable(options.tag) }));
  await settleAll([
    options.ops.run(Buffer.concat(ops), waiting),
    firewall.remove(`network/${network.id}`),
    rm(namesFile(options.run, network.id), { force: true }),
  ]);
  if (!last) return;
  parts.guarded.value = false;
  parts.watchdog.stop();
  await restoreForwarding(options.run, firewall);
}

async function planContainer(
  parts: Parts,
  container: ContainerNet,
  networks: readonly NetworkSpec[],
): Promise<readonly Buffer[]> {
  const { run } = parts.options;
  if (container.links.length > 0) await writeTable(parts, container.id, linksFile(run, container.id), container.links);
  return containerRecords({ run, container, networks, host: await hostResolvConf() });
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
  const rules = containerRules(container, networks, parts.chains);
  if (rules.length === 0) return;
  await parts.firewall.set(`container/${container.id}`, rules);
  const stale = container.ports.filter(({ proto, hostIp }) => proto === 'udp' && !hostIp.includes(':'));
  if (stale.length === 0) return;
  const ops = stale.map(({ hostIp, hostPort }) =>
    encodeRecord(NET_OPS.conntrackDel, { proto: 17, address: hostIp === '0.0.0.0' ? '' : hostIp, port: hostPort }),
  );
  await parts.options.ops.run(Buffer.concat(ops), waiting);
}

async function unpublish(parts: Parts, container: ContainerNet, waiting: Waiting): Promise<void> {
  const addresses = container.endpoints.map(({ address }) => address).filter((address) => address !== '');
  const ops = addresses.map((address) => encodeRecord(NET_OPS.conntrackDel, { proto: 0, address, port: 0 }));
  await settleAll([
    parts.firewall.remove(`container/${container.id}`),
    rm(linksFile(parts.options.run, container.id), { force: true }),
  ]);
  if (ops.length > 0) await parts.options.ops.run(Buffer.concat(ops), waiting);
}

async function writeTable(
  parts: Parts,
  key: string,
  path: string,
  entries: Parameters<typeof writeNames>[1],
): Promise<void> {
  await parts.locks.run(`names/${key}`, () => writeNames(path, entries));
}

async function reapplyAll(parts: Parts, state: NetworkState, waiting: Waiting): Promise<void> {
  const bridges = state.networks.filter(({ driver }) => driver === 'bridge');
  const used = new Set(state.containers.flatMap(({ endpoints }) => endpoints.map(({ networkId }) => networkId)));
  const needed = bridges.filter(({ id }) => used.has(id));
  parts.standing.clear();
  await removeStrayFiles(parts, state);
  const owners = new Map<string, readonly Rule[]>([
    ...needed.map((network) => [`network/${network.id}`, networkRules(network, parts.chains)] as const),
    ...state.containers.map(
      (container) => [`container/${container.id}`, containerRules(container, state.networks, parts.chains)] as const,
    ),
  ]);
  if (needed.length > 0) await guard(parts, waiting);
  await parts.firewall.replaceAll(owners);
  for (const network of needed) await ensureNetwork(parts, network, waiting);
  if (needed.length > 0) return;
  const ops = encodeRecord(NET_OPS.guardDel, { table: guardTable(parts.options.tag) });
  await parts.options.ops.run(ops, waiting);
  await restoreForwarding(parts.options.run, parts.firewall);
}

/** Called when rules of ours are missing: all is written again, the guard first. */
async function mend(parts: Parts): Promise<void> {
  await guard(parts, { signal: AbortSignal.timeout(MEND_MS) });
  await parts.firewall.rewrite();
}

const MEND_MS = 30_000;

async function guard(parts: Parts, waiting: Waiting): Promise<void> {
  parts.guarded.value = false;
  await parts.options.ops.run(Buffer.concat(guardOps(parts)), waiting);
  parts.guarded.value = true;
}

function guardOps(parts: Parts): Buffer[] {
  return parts.guarded.value ? [] : [encodeRecord(NET_OPS.guardAdd, { table: guardTable(parts.options.tag) })];
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
  await mkdir(namesDir(run), { recursive: true, mode: 0o700 });
  const found = (await readdir(namesDir(run))).filter((name) => /\.(names|links)(\.|$)/.test(name));
  const stray = found.map((name) => join(namesDir(run), name)).filter((path) => !kept.has(path));
  await Promise.all(stray.map((path) => rm(path, { force: true })));
}

/** Waits for all, then fails with the first failure: nothing goes on behind an error's back. */
async function settleAll(tasks: readonly Promise<unknown>[]): Promise<void> {
  const results = await Promise.allSettled(tasks);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}
