// A private engine for tests: its own data and run folders, inside a network namespace of its own. Leaving it stops the
// engine and fails when a mount, link, rule, cgroup, process or folder was left behind.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { processEnv, type Env } from '../../src/base/env.ts';
import { runProcess, startProcess, type ProcessResult } from '../../src/base/process.ts';
import { leftForGood, leftovers } from './leftovers.ts';
import { Netns } from './netns.ts';

const MAIN = fileURLToPath(new URL('../../src/engine/main.ts', import.meta.url));

/** How an engine is started. */
export interface EngineOptions {
  /** Values in the engine's namespace, both "0" unless given. */
  readonly ipForward?: '0' | '1';
  readonly bridgeNf?: '0' | '1';
  /** Variables beside GANTRY_DATA and GANTRY_RUN, for example GANTRY_IDLE_SECONDS. */
  readonly env?: Env;
  /** Arguments for node before the program, for example `--import`. */
  readonly nodeArgs?: readonly string[];
}

/** A running engine. */
export class TestEngine implements AsyncDisposable {
  readonly netns: Netns;
  readonly folder: string;
  readonly data: string;
  readonly run: string;
  /** Path of the API socket. */
  readonly socket: string;
  readonly #env: Env;
  readonly #nodeArgs: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(netns: Netns, folder: string, { env = {}, nodeArgs = [] }: EngineOptions) {
    this.netns = netns;
    this.folder = folder;
    this.data = join(folder, 'data');
    this.run = join(folder, 'run');
    this.socket = join(this.run, 'gantry.sock');
    const { PATH = '' } = processEnv();
    this.#nodeArgs = nodeArgs;
    this.#env = { PATH, GANTRY_LOG: 'debug', GANTRY_DATA: this.data, GANTRY_RUN: this.run, ...env };
  }

  /** Makes the namespace and starts the engine in it. */
  static async start(options: EngineOptions = {}): Promise<TestEngine> {
    const folder = await mkdtemp(join(tmpdir(), 'ge-'));
    const engine = new TestEngine(await Netns.create('engine'), folder, options);
    try {
      await engine.netns.sysctl('net.ipv4.ip_forward', options.ipForward ?? '0');
      await engine.netns.sysctl('net.bridge.bridge-nf-call-iptables', options.bridgeNf ?? '0');
      await engine.restart();
      return engine;
    } catch (error) {
      await engine.#remove();
      throw error;
    }
  }

  /** The daemon's process id. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Starts a daemon (again): after `stop`, `kill`, or one that left by itself. Throws what it says when it does not start. */
  async restart(): Promise<void> {
    const args = this.netns.enter(process.execPath, [...this.#nodeArgs, '--max-semi-space-size=2', MAIN]);
    const stdio = ['ignore', 'inherit', 'inherit', 'pipe'] as const;
    this.#process = startProcess('nsenter', args, {
      stdio: [...stdio],
      env: { ...this.#env },
      detached: true,
      cwd: '/',
    });
    const line = await firstLine(this.#process.stdio[3] as Readable);
    if (line !== 'ready') throw new Error(`the engine did not start: ${line}`);
  }

  /** kill -9, as a crash. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Asks it to end; containers stay. Gives its exit status. */
  async stop(): Promise<number | null> {
    return await this.#end('SIGTERM');
  }

  /** The exit status of a daemon that leaves by itself. */
  async left(): Promise<number | null> {
    return await exited(this.#process);
  }

  /** Runs a docker command against it. */
  async docker(args: readonly string[], input?: string): Promise<ProcessResult> {
    return await runProcess('docker', ['-H', `unix://${this.socket}`, ...args], input === undefined ? {} : { input });
  }

  /** The engine's log so far. */
  async log(): Promise<string> {
    return await readFile(join(this.data, 'engine.log'), 'utf8');
  }

  /** What is there that should not be, while the engine runs with no container. */
  async leftovers(): Promise<string[]> {
    return await leftovers({ ...this.#owner() }, { idleEngine: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    const left = await leftForGood(this.#owner());
    await this.#remove();
    if (left.length > 0) throw new Error(`left behind:\n${left.join('\n')}`);
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#process;
    if (child?.exitCode === null && child.signalCode === null) child.kill(signal);
    return await exited(child);
  }

  async #remove(): Promise<void> {
    await this.netns[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }

  #owner(): Parameters<typeof leftovers>[0] {
    return { netns: this.netns, data: this.data, run: this.run, ownLinks: [] };
  }
}

async function exited(child: ChildProcess | undefined): Promise<number | null> {
  if (child === undefined) return null;
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

async function firstLine(ready: Readable): Promise<string> {
  let text = '';
  for await (const chunk of ready) text += String(chunk);
  return text.trim();
}
