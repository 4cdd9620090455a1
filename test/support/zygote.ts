// Starts the real zygote in a private folder and launches containers on it; what it made is removed at the end.
import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processEnv } from '../../src/base/env.ts';
import { runChecked, startProcess } from '../../src/base/process.ts';
import type { ValuesOf } from '../../src/engine/shim/codec.ts';
import { MESSAGES, NET_OPS } from '../../src/engine/shim/records.ts';
import { attach, connectShim, Wire, type Attached } from './wire.ts';
import { busyboxRootfs } from './rootfs.ts';
import { containerPlan, type PlanOptions } from './launch.ts';

const NATIVE = fileURLToPath(new URL('../../runtime-native', import.meta.url));

/** Builds the C code when it is out of date and gives a binary's path. GANTRY_NATIVE names another build folder (asan). */
export async function nativeBinary(name: 'gantry-shim' | 'gantry-fs'): Promise<string> {
  const given = processEnv()['GANTRY_NATIVE'];
  if (given !== undefined) return join(given, name);
  await mkdir(join(NATIVE, 'build'), { recursive: true });
  await runChecked('flock', [join(NATIVE, 'build/.lock'), 'make', '-s', '-C', NATIVE]);
  return join(NATIVE, 'build', name);
}

/** A launched container as its test sees it. */
export interface TestContainer {
  readonly id: string;
  /** The folder of its sockets and records. */
  readonly dir: string;
  readonly log: string;
  readonly shimPid: number;
  readonly wire: Wire;
  readonly state: ValuesOf<typeof MESSAGES.state>;
  go(): Promise<void>;
  attach(flags: number, tty?: boolean): Promise<Attached>;
  exited(): Promise<ValuesOf<typeof MESSAGES.exited>>;
  dismiss(): Promise<void>;
  /** Lines of the log. */
  logLines(): Promise<readonly LogLine[]>;
  /** Starts, waits for the end and gives status and output. */
  run(): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }>;
}

/** One line of a json-file log. */
export interface LogLine {
  readonly log: string;
  readonly stream: string;
  readonly time: string;
}

/** A zygote of the test's own. */
export class TestZygote implements AsyncDisposable {
  readonly root: string;
  readonly wire: Wire;
  readonly process: ChildProcess;
  readonly #rootfs: string;
  readonly #containers: TestContainer[] = [];
  #count = 0;

  private constructor(root: string, rootfs: string, process: ChildProcess) {
    this.root = root;
    this.process = process;
    this.#rootfs = rootfs;
    this.wire = new Wire(process.stdio[3] as Duplex);
  }

  static async start(): Promise<TestZygote> {
    const binary = await nativeBinary('gantry-shim');
    const { dir } = await busyboxRootfs();
    const root = await mkdtemp(join(tmpdir(), 'gantry-native-'));
    await mkdir(join(root, 'run'), { mode: 0o700 });
    const child = startProcess(binary, ['zygote'], { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
    return new TestZygote(root, dir, child);
  }

  /** Launches a container; it waits for `go`. Its state says whether the preparing succeeded. */
  async launch(options: PlanOptions): Promise<TestContainer> {
    this.#count += 1;
    const id = `${process.pid.toString(16)}${this.#count.toString(16)}`.padStart(12, '0');
    const home = join(this.root, id);
    for (const name of ['upper', 'work', 'log']) await mkdir(join(home, name), { recursive: true });
    const plan = containerPlan({ id, home, layer: this.#rootfs, ...options });
    const dir = join(this.root, 'run', id);
    const { pid } = await this.wire.ask(MESSAGES.launch, { dir, plan }, MESSAGES.launched);
    const container = await openContainer({ id, dir, log: join(home, 'log/json.log'), shimPid: pid });
    this.#containers.push(container);
    return container;
  }

  /** Launches, runs to the end, dismisses. */
  async run(
    options: PlanOptions,
  ): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> {
    const container = await this.launch(options);
    const result = await container.run();
    await container.dismiss();
    return result;
  }

  async net(ops: Buffer): Promise<void> {
    await this.wire.ask(MESSAGES.net, { ops }, MESSAGES.ok);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const container of this.#containers) await discard(container);
    const ended =
      this.process.exitCode === null && this.process.signalCode === null ? once(this.process, 'exit') : undefined;
    this.wire.close();
    await ended;
    await rm(this.root, { recursive: true, force: true });
  }
}

/** Operations on the network, re-exported so that tests name one module. */
export { NET_OPS };

async function openContainer(base: Pick<TestContainer, 'id' | 'dir' | 'log' | 'shimPid'>): Promise<TestContainer> {
  const { wire, state } = await connectShim(base.dir);
  const logLines = async (): Promise<readonly LogLine[]> => {
    const text = await readFile(base.log, 'utf8');
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as LogLine);
  };
  const go = async (): Promise<void> => {
    await wire.ask(MESSAGES.go, {}, MESSAGES.ok);
  };
  const exited = async (): Promise<ValuesOf<typeof MESSAGES.exited>> => await wire.event(MESSAGES.exited);
  return {
    ...base,
    wire,
    state,
    go,
    exited,
    logLines,
    attach: async (flags, tty) => await attach(`${base.dir}/attach`, flags, tty),
    dismiss: async () => {
      await wire.ask(MESSAGES.dismiss, {}, MESSAGES.ok);
      await wire.closed;
    },
    run: async () => {
      await go();
      const { status } = await exited();
      const lines = await logLines();
      const textOf = (stream: string): string =>
        lines
          .filter((line) => line.stream === stream)
          .map((line) => line.log)
          .join('');
      return { status, stdout: textOf('stdout'), stderr: textOf('stderr') };
    },
  };
}

/** Runs a container down whatever state it is in; one that is gone already is fine. */
async function discard(container: TestContainer): Promise<void> {
  container.wire.close();
  const shim = await connectShim(container.dir).catch(() => undefined);
  if (shim === undefined) return;
  await shim.wire.ask(MESSAGES.abort, {}, MESSAGES.ok);
  await shim.wire.ask(MESSAGES.dismiss, {}, MESSAGES.ok);
  shim.wire.close();
}
