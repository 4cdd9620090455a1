// Network namespaces that a test makes for itself: one as the host of an engine, one as a neighbour on its network.
// Commands enter with nsenter, since `ip netns exec` would hide the cgroups.
import { randomBytes } from 'node:crypto';
import { runChecked, runProcess, type ProcessResult, type RunOptions } from '../../src/base/process.ts';
import { runMark } from './run-folder.ts';

/** A network namespace under /run/netns, gone when disposed. */
export class Netns implements AsyncDisposable {
  readonly name: string;

  private constructor(name: string) {
    this.name = name;
  }

  /** Makes a namespace with `lo` up. */
  static async create(label: string): Promise<Netns> {
    const netns = new Netns(`${runMark()}-${label}-${randomBytes(3).toString('hex')}`);
    await runChecked('ip', ['netns', 'add', netns.name]);
    await netns.check('ip', ['link', 'set', 'lo', 'up']);
    return netns;
  }

  /** Where the namespace can be opened. */
  get path(): string {
    return `/run/netns/${this.name}`;
  }

  /** Arguments for nsenter that run a command in here. */
  enter(file: string, args: readonly string[]): readonly string[] {
    return [`--net=${this.path}`, file, ...args];
  }

  /** Runs a command in here; its status is the caller's to look at. */
  async run(file: string, args: readonly string[], options: RunOptions = {}): Promise<ProcessResult> {
    return runProcess('nsenter', this.enter(file, args), options);
  }

  /** Runs a command in here that must succeed, and gives its stdout. */
  async check(file: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    return runChecked('nsenter', this.enter(file, args), options);
  }

  /** Sets a sysctl, for example `net.ipv4.ip_forward`, as seen from in here. */
  async sysctl(key: string, value: string): Promise<void> {
    await this.check('sh', ['-c', 'printf %s "$1" >"$2"', 'sh', value, `/proc/sys/${key.replaceAll('.', '/')}`]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await runChecked('ip', ['netns', 'del', this.name]);
  }
}

/** Addresses of two joined namespaces. */
export interface Join {
  readonly address: string;
  readonly peerAddress: string;
}

/** Joins two namespaces by a veth pair `lan0`: 10.99.0.1/24 in `host`, 10.99.0.2/24 in `neighbour`. */
export async function joinNetns(host: Netns, neighbour: Netns): Promise<Join> {
  const join = { address: '10.99.0.1', peerAddress: '10.99.0.2' };
  await host.check('ip', ['link', 'add', 'lan0', 'type', 'veth', 'peer', 'name', 'lan0', 'netns', neighbour.name]);
  await host.check('ip', ['addr', 'add', `${join.address}/24`, 'dev', 'lan0']);
  await neighbour.check('ip', ['addr', 'add', `${join.peerAddress}/24`, 'dev', 'lan0']);
  for (const side of [host, neighbour]) await side.check('ip', ['link', 'set', 'lan0', 'up']);
  return join;
}
