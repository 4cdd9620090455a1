// A stage for scenario tests: a host of its own (network namespace, data and run folder, project folder), on which the
// real `bin/gantry` runs. Leaving it stops the engine and fails when anything was left behind.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { processEnv, type Env } from '../../src/base/env.ts';
import { startProcess, type ProcessResult } from '../../src/base/process.ts';
import { eventually } from './eventually.ts';
import { leftForGood, leftovers } from './leftovers.ts';
import { joinNetns, Netns, type Join } from './netns.ts';
import { busyboxRootfs } from './rootfs.ts';

/** The command under test. */
export const GANTRY = fileURLToPath(new URL('../../bin/gantry', import.meta.url));

/** How a command is run on a stage. */
export interface StageRun {
  readonly cwd?: string;
  readonly env?: Env;
  readonly input?: string;
  readonly signal?: AbortSignal;
}

/** A host with an engine of its own. */
export class Stage implements AsyncDisposable {
  readonly host: Netns;
  readonly folder: string;
  readonly env: Env;
  readonly socket: string;
  #neighbour: Netns | undefined;
  #isWired = false;

  private constructor(host: Netns, folder: string) {
    this.host = host;
    this.folder = folder;
    const own = { GANTRY_DATA: join(folder, 'data'), GANTRY_RUN: join(folder, 'run'), NO_COLOR: '1' };
    this.env = { ...processEnv(), ...own };
    this.socket = join(folder, 'run', 'gantry.sock');
  }

  /** Makes the host. `bridgeNf` is net.bridge.bridge-nf-call-iptables, 0 unless given. */
  static async create(label: string, options: { readonly bridgeNf?: '0' | '1' } = {}): Promise<Stage> {
    const stage = new Stage(await Netns.create(label), await mkdtemp(join(tmpdir(), `gantry-${label}-`)));
    await stage.host.sysctl('net.ipv4.ip_forward', '0');
    await stage.host.sysctl('net.bridge.bridge-nf-call-iptables', options.bridgeNf ?? '0');
    return stage;
  }

  /** A second host beside this one, joined by `lan0`, with no route to container networks. */
  async neighbour(): Promise<{ readonly netns: Netns; readonly join: Join }> {
    this.#neighbour ??= await Netns.create('nb');
    this.#isWired = true;
    return { netns: this.#neighbour, join: await joinNetns(this.host, this.#neighbour) };
  }

  /** Joins this host (10.99.0.1) and another with an engine of its own (10.99.0.2). */
  async wire(other: Stage): Promise<void> {
    this.#isWired = other.#isWired = true;
    await joinNetns(this.host, other.host);
  }

  /** Runs `gantry` with these arguments; its status is the caller's to look at. */
  async gantry(args: readonly string[], run: StageRun = {}): Promise<ProcessResult> {
    const { cwd = this.folder, env = {}, input, signal } = run;
    return this.host.run(GANTRY, args, {
      cwd,
      env: { ...this.env, ...env },
      ...(input === undefined ? {} : { input }),
      ...(signal === undefined ? {} : { signal }),
    });
  }

  /** Runs `gantry` as user nobody. */
  async asNobody(args: readonly string[], env: Env): Promise<ProcessResult> {
    const nobody = ['--reuid=65534', '--regid=65534', '--clear-groups', GANTRY, ...args];
    return this.host.run('setpriv', nobody, { cwd: '/', env: { ...this.env, ...env } });
  }

  /** Runs `gantry`, which must succeed, and gives its stdout. */
  async ok(args: readonly string[], run: StageRun = {}): Promise<string> {
    const result = await this.gantry(args, run);
    if (result.status !== 0)
      throw new Error(`gantry ${args.join(' ')}: status ${result.status}\n${result.stdout}${result.stderr}`);
    return result.stdout;
  }

  /** Writes a file of the project and gives its path. */
  async write(name: string, text: string): Promise<string> {
    const path = join(this.folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
    return path;
  }

  /** Imports the busybox image as `busybox:latest`, by this gantry. */
  async importBusybox(gantry = GANTRY): Promise<void> {
    const { tar } = await busyboxRootfs();
    const args = this.host.enter(gantry, ['image', 'import', '--change', 'CMD ["sh"]', '-', 'busybox:latest']);
    const child = startProcess('nsenter', [...args], { stdio: ['pipe', 'ignore', 'pipe'], env: { ...this.env } });
    if (child.stdin === null) throw new Error('no pipe to the import');
    createReadStream(tar).pipe(child.stdin);
    const [status] = (await once(child, 'exit')) as [number | null];
    if (status !== 0) throw new Error(`import of busybox: status ${String(status)}\n${String(child.stderr?.read())}`);
  }

  /** What is left on the host while the engine idles. */
  async leftovers(): Promise<string[]> {
    return leftovers(this.#owner(), { idleEngine: true });
  }

  /** Ends the engine; containers stay. Resolves when its process has ended. */
  async shutdownEngine(): Promise<void> {
    const args = ['-s', '-X', 'POST', '--unix-socket', this.socket, 'http://gantry/gantry/shutdown'];
    const { status } = await this.host.run('curl', args);
    if (status === 0) await engineGone(join(this.folder, 'data'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.shutdownEngine();
    const left = await leftForGood(this.#owner());
    await this.#neighbour?.[Symbol.asyncDispose]();
    await this.host[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
    if (left.length > 0) throw new Error(`left behind:\n${left.join('\n')}`);
  }

  #owner(): Parameters<typeof leftovers>[0] {
    const ownLinks = this.#isWired ? ['lan0'] : [];
    return { netns: this.host, data: join(this.folder, 'data'), run: join(this.folder, 'run'), ownLinks };
  }
}

/** Waits until the process that served last has ended; its log names it. */
async function engineGone(data: string): Promise<void> {
  const log = await readFile(join(data, 'engine.log'), 'utf8');
  const pid = [...log.matchAll(/"engine listens".*"pid":(\d+)/g)].at(-1)?.[1] ?? '';
  await eventually(async () =>
    readFile(`/proc/${pid}/stat`).then(
      () => undefined,
      () => true,
    ),
  );
}
