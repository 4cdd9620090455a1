// A host, a neighbour and containers, each a plain network namespace, wired by the real network driver and the real C
// code (through a small harness instead of zygote and shim). Everything is gone when the lab is disposed.
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ChildProcess } from 'node:child_process';
import { runChecked, startProcess } from '../../src/base/process.ts';
import { Allocations } from '../../src/engine/networks/allocations.ts';
import { defineNetwork, type NetworkRequest } from '../../src/engine/networks/define.ts';
import { guardTable } from '../../src/engine/networks/link-names.ts';
import { nameEntries } from '../../src/engine/networks/name-table.ts';
import type {
  ContainerNet,
  DnsSpec,
  LinkSpec,
  NetworkSpec,
  NetworkState,
  NetworkWarning,
  PortRequest,
} from '../../src/engine/networks/types.ts';
import { encodeRecord } from '../../src/engine/shim/codec.ts';
import { NET_OPS } from '../../src/engine/shim/records.ts';
import { joinNetns, Netns } from './netns.ts';

const NATIVE = fileURLToPath(new URL('../../runtime-native/', import.meta.url));
const CACHE = fileURLToPath(new URL('../../.cache/', import.meta.url));
const AGENT = fileURLToPath(new URL('network-agent.ts', import.meta.url));
const SOURCES = [
  'netlink',
  'links',
  'net_ops',
  'endpoint',
  'nat',
  'conntrack',
  'net_child',
  'net_filter',
  'listen',
  'proxy_tcp',
  'proxy_udp',
  'loop',
]
  .concat(['dns', 'dns_forward', 'dns_message', 'dns_names', 'dns_tcp'])
  .map((name) => join(NATIVE, `${name}.c`));

/** Which backend of iptables the host is made to use, and whether its bridges call iptables. */
export interface LabOptions {
  readonly backend: 'nft' | 'legacy';
  readonly bridgeNf: '0' | '1';
}

/** A container of the lab. */
export interface LabContainer {
  readonly netns: Netns;
  readonly net: ContainerNet;
  /** The container's address in its first network. */
  readonly address: string;
}

/** How a container is made. */
export interface LabContainerOptions {
  readonly name: string;
  readonly networks: readonly NetworkSpec[];
  readonly ports?: readonly PortRequest[];
  readonly links?: readonly LinkSpec[];
  readonly dns?: Partial<DnsSpec>;
}

/** The harness of the C code, built once with sanitizers. */
export async function buildHarness(): Promise<string> {
  await mkdir(CACHE, { recursive: true });
  const path = join(CACHE, 'net_harness');
  const sources = [join(NATIVE, 'tests/net_harness.c'), ...SOURCES];
  const headers = ['net', 'netlink', 'links', 'dns', 'net_child', 'gen/records'].map((name) =>
    join(NATIVE, `${name}.h`),
  );
  if (await isNewer(path, [...sources, ...headers])) return path;
  const flags = [
    '-std=gnu11',
    '-D_GNU_SOURCE',
    `-I${NATIVE}`,
    '-O1',
    '-g',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-fsanitize=address,undefined',
  ];
  await runChecked('gcc', [...flags, '-o', `${path}.new`, ...sources]);
  await runChecked('mv', [`${path}.new`, path]);
  return path;
}

/** The lab. */
export class NetworkLab implements AsyncDisposable {
  readonly host: Netns;
  readonly neighbour: Netns;
  readonly dir: string;
  /** The host's address on the link to the neighbour. */
  readonly address = '10.99.0.1';
  readonly tag = randomBytes(3).toString('hex');
  readonly #harness: string;
  readonly #isGuest: boolean;
  readonly #undo: (() => Promise<unknown>)[] = [];
  readonly #networks: NetworkSpec[] = [];
  readonly #containers: LabContainer[] = [];
  readonly #allocations = new Allocations({
    range: [49153, 65535],
    reserved: new Set(),
    ipv6: true,
    inUse: () => new Set(),
  });
  #agent: Agent;

  private constructor(parts: {
    readonly host: Netns;
    readonly neighbour: Netns;
    readonly dir: string;
    readonly harness: string;
    readonly isGuest?: boolean;
  }) {
    this.host = parts.host;
    this.neighbour = parts.neighbour;
    this.dir = parts.dir;
    this.#harness = parts.harness;
    this.#isGuest = parts.isGuest ?? false;
    this.#agent = new Agent(this.host, [join(this.dir, 'run'), this.tag, this.#harness]);
  }

  static async create(options: LabOptions): Promise<NetworkLab> {
    const harness = await buildHarness();
    const [host, neighbour] = [await Netns.create('host'), await Netns.create('lan')];
    const dir = await mkdtemp(join(tmpdir(), 'gantry-lab-'));
    await joinNetns(host, neighbour);
    await host.sysctl('net.bridge.bridge-nf-call-iptables', options.bridgeNf);
    await host.sysctl('net.ipv4.ip_forward', '0');
    // a rule that is there already decides which backend is used
    if (options.backend === 'legacy') await host.check('iptables-legacy', ['-A', 'INPUT', '-j', 'ACCEPT']);
    return new NetworkLab({ host, neighbour, dir, harness });
  }

  /** A second engine on the same host; dispose it before this one. */
  async beside(): Promise<NetworkLab> {
    const dir = await mkdtemp(join(tmpdir(), 'gantry-lab-'));
    return new NetworkLab({ host: this.host, neighbour: this.neighbour, dir, harness: this.#harness, isGuest: true });
  }

  /** Defines and makes a bridge network. */
  async network(name: string, request: Partial<NetworkRequest> = {}): Promise<NetworkSpec> {
    const id = createHash('sha256').update(`${this.tag}/${name}`).digest('hex');
    const spec = defineNetwork(
      { id, name, driver: 'bridge', pools: [], internal: false, options: {}, isDefault: false, ...request },
      { tag: this.tag, networks: this.#networks, hostPrefixes: await this.#prefixes() },
    );
    this.#networks.push(spec);
    await this.driver('ensureNetwork', spec);
    return spec;
  }

  /** Makes a namespace, its endpoints, resolver and ports, and publishes them. */
  async container(options: LabContainerOptions): Promise<LabContainer> {
    const netns = await Netns.create(options.name);
    this.#undo.push(() => netns[Symbol.asyncDispose]());
    const net = this.#define(options);
    const container = { netns, net, address: net.endpoints[0]?.address ?? '' };
    this.#containers.push(container);
    const records = await this.plan(net);
    await this.host.check(this.#harness, ['endpoint', netns.path], { input: records });
    await this.#startChild(container, records);
    await this.#writeNames(options.networks);
    await this.driver('publish', net, this.#networks);
    return container;
  }

  /** The records of a container as the launch plan has them. */
  async plan(net: ContainerNet): Promise<Buffer> {
    const records = (await this.driver('planContainer', net, this.#networks)) as readonly string[];
    return Buffer.concat(records.map((record) => Buffer.from(record, 'hex')));
  }

  /** Ends a container: its rules, resolver and namespace. */
  async end(container: LabContainer): Promise<void> {
    await this.driver('unpublish', container.net);
    this.#containers.splice(this.#containers.indexOf(container), 1);
    this.#allocations.release(container.net.id);
  }

  /** Takes the guard of the host's 127/8 away behind the driver's back. */
  async removeGuard(): Promise<void> {
    const input = encodeRecord(NET_OPS.guardDel, { table: guardTable(this.tag) });
    await this.host.check(this.#harness, ['ops'], { input });
  }

  async removeNetwork(network: NetworkSpec): Promise<void> {
    await this.driver('removeNetwork', network);
    this.#networks.splice(this.#networks.indexOf(network), 1);
  }

  /** Calls a method of the driver. */
  async driver(method: string, ...args: readonly unknown[]): Promise<unknown> {
    return this.#agent.call(method, args);
  }

  async warnings(): Promise<readonly NetworkWarning[]> {
    return (await this.#agent.call('warnings', [])) as readonly NetworkWarning[];
  }

  /** Kills the driver's process and starts another, which is told the state. */
  async restartDriver(): Promise<void> {
    await this.#agent.kill();
    this.#agent = new Agent(this.host, [join(this.dir, 'run'), this.tag, this.#harness]);
    const state: NetworkState = { networks: this.#networks, containers: this.#containers.map(({ net }) => net) };
    await this.driver('reapplyAll', state);
  }

  /** Serves HTTP with a fixed answer in a namespace until the lab ends. */
  async serve(netns: Netns, port: number, text: string, address = '0.0.0.0'): Promise<void> {
    const program = `require('http').createServer((q,s)=>s.end(${JSON.stringify(text)})).listen(${port},${JSON.stringify(address)},()=>console.log('up'))`;
    await this.background(netns, process.execPath, ['-e', program]);
  }

  /** Starts a program in a namespace and waits for its first line. */
  async background(netns: Netns, file: string, args: readonly string[]): Promise<ChildProcess> {
    const child = startProcess('nsenter', netns.enter(file, args), { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#undo.push(async () => {
      const gone = child.exitCode !== null || child.signalCode !== null ? undefined : once(child, 'exit');
      child.stdin?.end();
      child.kill();
      await gone;
    });
    const { stdout } = child;
    if (stdout === null) throw new Error('no stdout');
    const [first] = (await once(createInterface({ input: stdout }), 'line')) as [string];
    if (/^\d+ \d+ /.test(first)) throw new Error(`${file} ${args.join(' ')}: ${first}`);
    return child;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const undo of this.#undo.toReversed()) await undo();
    await this.#agent.kill();
    await rm(this.dir, { recursive: true, force: true });
    if (this.#isGuest) return;
    await this.host[Symbol.asyncDispose]();
    await this.neighbour[Symbol.asyncDispose]();
  }

  /** What the host has in use, as another engine on it sees it. */
  async #prefixes(): Promise<readonly string[]> {
    const routes = await this.host.check('ip', ['-4', '-o', 'addr']);
    return [...routes.matchAll(/inet (\S+)/g)].map((match) => match[1] ?? '');
  }

  #define({ name, networks, ports = [], links = [], dns = {} }: LabContainerOptions): ContainerNet {
    const id = createHash('sha256').update(`${this.tag}/c/${name}`).digest('hex');
    const endpoints = networks.map((network, index) =>
      this.#allocations.allocateEndpoint({
        containerId: id,
        network,
        ifname: `eth${index}`,
        address: '',
        address6: '',
        mac: '',
        names: [name],
        gatewayPriority: 0,
      }),
    );
    const given = this.#allocations.allocatePorts(id, ports, '');
    return { id, endpoints, ports: given, links, dns: { servers: [], search: [], options: [], ...dns } };
  }

  async #startChild({ netns, net }: LabContainer, records: Buffer): Promise<void> {
    const file = join(this.dir, `${net.id.slice(0, 12)}.plan`);
    await writeFile(file, records);
    await this.background(this.host, this.#harness, ['child', netns.path, file]);
  }

  async #writeNames(networks: readonly NetworkSpec[]): Promise<void> {
    for (const network of networks) {
      const endpoints = this.#containers.flatMap(({ net }) =>
        net.endpoints.filter(({ networkId }) => networkId === network.id),
      );
      await this.driver('writeNames', network, nameEntries(network, endpoints));
    }
  }
}

/** The driver's process. */
class Agent {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: { readonly value?: unknown; readonly error?: string }) => void>();
  #serial = 0;

  constructor(host: Netns, args: readonly string[]) {
    this.#child = startProcess('nsenter', host.enter(process.execPath, [AGENT, ...args]), {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const { stdout } = this.#child;
    if (stdout === null) throw new Error('no stdout');
    createInterface({ input: stdout }).on('line', (line) => {
      const answer = JSON.parse(line) as { readonly id: number; readonly value?: unknown; readonly error?: string };
      this.#waiting.get(answer.id)?.(answer);
    });
  }

  async call(method: string, args: readonly unknown[]): Promise<unknown> {
    const id = this.#serial++;
    const answer = new Promise<{ readonly value?: unknown; readonly error?: string }>((resolve) =>
      this.#waiting.set(id, resolve),
    );
    this.#child.stdin?.write(`${JSON.stringify({ id, method, args })}\n`);
    const { value, error } = await answer;
    if (error !== undefined) throw new Error(`${method}: ${error}`);
    return value;
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await gone;
  }
}

async function isNewer(path: string, sources: readonly string[]): Promise<boolean> {
  const made = await stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
  const times = await Promise.all(sources.map(async (source) => (await stat(source)).mtimeMs));
  return times.every((time) => time < made);
}
