// One side of a comparison: a network namespace, the daemon in it where one is to be started, and timed commands.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { runChecked, runProcess } from '../../src/base/process.ts';
import { processEnv, type Env } from '../../src/base/env.ts';
import { busyboxRootfs } from '../support/rootfs.ts';

/** The image every stack of the benchmark uses. */
export const IMAGE = 'gantry-bench:1';

/** How a side is driven; IMAGE in `load` stands for the image's name. */
export interface ContenderOptions {
  readonly name: string;
  readonly compose: string;
  readonly load: string;
  readonly daemon?: string;
  /** True for gantry itself, which gets private data and run folders. */
  readonly own: boolean;
}

/** What a command took. */
export interface Timing {
  readonly ms: number;
  readonly stdout: string;
}

/** A started side. */
export class Contender {
  readonly name: string;
  readonly folder: string;
  readonly #options: ContenderOptions;
  readonly #netns: string;
  readonly #env: Env;
  #daemon: ChildProcess | undefined;

  private constructor(options: ContenderOptions, folder: string) {
    this.name = options.name;
    this.folder = folder;
    this.#options = options;
    this.#netns = `gbench-${options.name}-${process.pid}`;
    const own = { GANTRY_DATA: join(folder, 'data'), GANTRY_RUN: join(folder, 'run') };
    this.#env = options.own ? { ...processEnv(), ...own } : processEnv();
  }

  /** Makes the namespace, starts the daemon, loads the image. */
  static async start(options: ContenderOptions): Promise<Contender> {
    const contender = new Contender(options, await mkdtemp(join(tmpdir(), `gantry-bench-${options.name}-`)));
    await runChecked('ip', ['netns', 'add', contender.#netns]);
    try {
      await contender.#inside(['ip', 'link', 'set', 'lo', 'up']);
      if (options.daemon !== undefined) contender.#startDaemon(options.daemon);
      await contender.#load();
      return contender;
    } catch (error) {
      await contender.stop();
      throw error;
    }
  }

  /** Runs a compose command with these arguments and times the whole process. */
  async compose(args: readonly string[]): Promise<Timing> {
    const before = performance.now();
    const stdout = await this.#inside([...absolute(this.#options.compose), ...args]);
    return { ms: performance.now() - before, stdout };
  }

  /** Runs another program inside the side's network namespace. */
  async inside(command: readonly string[]): Promise<string> {
    return this.#inside(command);
  }

  /** Proportional memory, in KiB, of every host process in the side's network namespace (containers have their own). */
  async memory(): Promise<number> {
    const { ino } = await stat(`/run/netns/${this.#netns}`);
    const sizes = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map((pid) => pssOf(pid, ino));
    return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
  }

  /** Ends the daemon and removes the namespace and folder. */
  async stop(): Promise<void> {
    if (this.#options.own)
      await runProcess('curl', [
        '-s',
        '-X',
        'POST',
        '--unix-socket',
        join(this.folder, 'run/gantry.sock'),
        'http://gantry/gantry/shutdown',
      ]);
    if (this.#daemon?.exitCode === null) {
      this.#daemon.kill('SIGTERM');
      await once(this.#daemon, 'exit');
    }
    await runProcess('ip', ['netns', 'del', this.#netns]);
    await rm(this.folder, { recursive: true, force: true });
  }

  async #inside(command: readonly string[]): Promise<string> {
    return runChecked('nsenter', [`--net=/run/netns/${this.#netns}`, ...command], { env: this.#env, cwd: this.folder });
  }

  #startDaemon(command: string): void {
    const args = [`--net=/run/netns/${this.#netns}`, ...absolute(command)];
    this.#daemon = spawn('nsenter', args, { stdio: 'ignore', env: this.#env });
  }

  async #load(): Promise<void> {
    const command = absolute(this.#options.load).map((word) => (word === 'IMAGE' ? IMAGE : word));
    const { tar } = await busyboxRootfs();
    for (let left = 100; ; left -= 1) {
      const child = spawn('nsenter', [`--net=/run/netns/${this.#netns}`, ...command], {
        stdio: ['pipe', 'ignore', 'pipe'],
        env: this.#env,
      });
      child.stdin.on('error', () => undefined);
      createReadStream(tar).pipe(child.stdin);
      const [status] = (await once(child, 'exit')) as [number | null];
      if (status === 0) return;
      if (left === 0) throw new Error(`${this.name}: ${command.join(' ')} failed: ${String(child.stderr.read())}`);
      await sleep(100);
    }
  }
}

/** Splits at blanks; a first word with a slash is made absolute, since commands run in another folder. */
function absolute(command: string): string[] {
  const [file = '', ...rest] = command.split(' ');
  return [file.includes('/') ? resolve(file) : file, ...rest];
}

async function pssOf(pid: string, netns: number): Promise<number> {
  try {
    if ((await readlink(`/proc/${pid}/ns/net`)) !== `net:[${netns}]`) return 0;
    return Number(/^Pss:\s+(\d+)/m.exec(await readFile(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0; // it ended meanwhile
  }
}
