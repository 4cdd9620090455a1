// The command line in this process, against any engine: real streams and files, no child process.
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { processEnv } from '../../src/base/env.ts';
import type { Interrupts, InterruptHandler } from '../../src/cli/interrupts.ts';
import { runCli } from '../../src/cli/run.ts';
import { importBusybox } from './busybox-image.ts';
import { TestEngine } from './engine.ts';

/** What a command left. */
export interface CliResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command that runs. */
export interface RunningCli {
  readonly result: Promise<CliResult>;
  /** As Ctrl-C. */
  interrupt(): void;
  /** Resolves once stdout holds the text. */
  shows(text: string): Promise<void>;
  /** The same of stderr. */
  tells(text: string): Promise<void>;
}

/** A project folder and an engine. */
export class CliLab implements AsyncDisposable {
  readonly socket: string;
  readonly folder: string;
  readonly #engine: TestEngine | undefined;

  private constructor(socket: string, folder: string, engine: TestEngine | undefined) {
    this.socket = socket;
    this.folder = folder;
    this.#engine = engine;
  }

  /** Starts an engine; the socket path in GANTRY_CONTRACT_SOCKET names another one that is there and has busybox. */
  static async create(): Promise<CliLab> {
    const folder = await mkdtemp(join(tmpdir(), 'lab-'));
    const given = processEnv()['GANTRY_CONTRACT_SOCKET'];
    if (given !== undefined) return new CliLab(given, folder, undefined);
    const engine = await TestEngine.start();
    await importBusybox(engine.socket);
    return new CliLab(engine.socket, folder, engine);
  }

  /** Writes the compose file. */
  async compose(text: string): Promise<void> {
    await writeFile(join(this.folder, 'compose.yaml'), text);
  }

  /** Runs a command of project `lab` to its end. */
  async run(...words: readonly string[]): Promise<CliResult> {
    return await this.begin(words).result;
  }

  /** Runs one that must succeed, and gives its stdout. */
  async ok(...words: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(...words);
    if (status !== 0) throw new Error(`gantry ${words.join(' ')}: status ${status}\n${stdout}${stderr}`);
    return stdout;
  }

  /** Begins a command. */
  begin(words: readonly string[], input = ''): RunningCli {
    const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
    stdin.end(input);
    const texts = { out: '', err: '' };
    stdout.on('data', (chunk: Buffer) => (texts.out += chunk.toString()));
    stderr.on('data', (chunk: Buffer) => (texts.err += chunk.toString()));
    const interrupts = new FakeInterrupts();
    const argv = ['--host', `unix://${this.socket}`, '-p', 'lab', ...words];
    const running = runCli(argv, {
      io: { stdin, stdout, stderr },
      env: { PATH: '/bin' },
      cwd: this.folder,
      interrupts,
    });
    const ended = running.then(() => {
      throw new Error(`ended before it said that: ${texts.out}${texts.err}`);
    });
    ended.catch(() => undefined);
    const more = async (stream: PassThrough): Promise<unknown> => await Promise.race([once(stream, 'data'), ended]);
    return {
      result: running.then((status) => ({ status, stdout: texts.out, stderr: texts.err })),
      interrupt: () => interrupts.fire(),
      shows: async (text) => {
        while (!texts.out.includes(text)) await more(stdout);
      },
      tells: async (text) => {
        while (!texts.err.includes(text)) await more(stderr);
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.run('down', '-v', '-t', '0', '--remove-orphans');
    await rm(this.folder, { recursive: true, force: true });
    await this.#engine?.[Symbol.asyncDispose]();
  }
}

/** Signals that a test sends. */
class FakeInterrupts implements Interrupts {
  readonly #controller = new AbortController();
  readonly #handlers: InterruptHandler[] = [];
  #count = 0;

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  handle(handler: InterruptHandler): () => void {
    this.#handlers.push(handler);
    return () => void this.#handlers.splice(this.#handlers.indexOf(handler), 1);
  }

  forward(send: (signal: string) => void): () => void {
    return this.handle(() => send('SIGINT'));
  }

  dispose(): void {
    this.#handlers.length = 0;
  }

  fire(): void {
    this.#count += 1;
    const handler = this.#handlers.at(-1);
    if (handler === undefined) this.#controller.abort();
    else handler(this.#count);
  }
}
