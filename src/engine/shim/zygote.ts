// The daemon's end of the zygote: starts it, asks it to launch shims and to run network operations, and starts another
// one when it dies (shims live on without it).
import type { ChildProcess } from 'node:child_process';
import { Duplex } from 'node:stream';
import { invariant } from '../../base/error.ts';
import type { Logger } from '../../base/log.ts';
import { startProcess } from '../../base/process.ts';
import { Channel } from './channel.ts';
import { isGantryError } from '../../base/error.ts';
import { MESSAGES, WIRE_VERSION } from './records.ts';

/** What a zygote is started with. */
export interface ZygoteOptions {
  /** Path of the gantry-shim binary. */
  readonly binary: string;
  readonly log: Logger;
  /** A descriptor that takes what the C code prints; -1 = nowhere. */
  readonly logFd?: number;
}

/** Runs what only C can do. Requests of a zygote that died meanwhile are made again once, at its successor. */
export class Zygote {
  readonly #options: ZygoteOptions;
  #current: Promise<Channel> | undefined;
  #child: ChildProcess | undefined;
  #closing = false;

  constructor(options: ZygoteOptions) {
    this.#options = options;
  }

  /** Starts the process unless it runs. */
  async start(): Promise<void> {
    await this.#channel();
  }

  /** Forks a shim with a launch plan; gives its host pid. `dir` is `<run>/c/<id12>`. */
  async launch(dir: string, plan: Uint8Array): Promise<number> {
    const channel = await this.#channel();
    return (await channel.request(MESSAGES.launch, { dir, plan }, MESSAGES.launched)).pid;
  }

  /** Runs NET_OPS records in order; they may be repeated, so a lost zygote is no failure yet. */
  async net(ops: Uint8Array): Promise<void> {
    try {
      await (await this.#channel()).request(MESSAGES.net, { ops }, MESSAGES.ok);
    } catch (error) {
      if (!isGantryError(error, 'runtime/shim-lost') || this.#closing) throw error;
      await (await this.#channel()).request(MESSAGES.net, { ops }, MESSAGES.ok);
    }
  }

  /** Resolves when anybody changes nftables rules from now on. Rejects where the kernel can't tell, or the zygote is lost. */
  async rulesChanged(): Promise<void> {
    await (await this.#channel()).request(MESSAGES.rulesWatch, {}, MESSAGES.ok);
  }

  /** Lets go: the zygote stays as long as it has shims. */
  async close(): Promise<void> {
    this.#closing = true;
    const channel = await this.#current?.catch(() => undefined);
    channel?.destroy();
    this.#child?.unref();
  }

  #channel(): Promise<Channel> {
    this.#current ??= this.#spawn().catch((error: unknown) => {
      this.#current = undefined;
      throw error;
    });
    return this.#current;
  }

  async #spawn(): Promise<Channel> {
    const words = this.#options.logFd ?? -1;
    const child = startProcess(this.#options.binary, ['zygote'], {
      stdio: ['ignore', words < 0 ? 'ignore' : words, words < 0 ? 'ignore' : words, 'pipe'],
      cwd: '/',
      env: {},
      detached: true,
    });
    this.#child = child;
    const failed = new Promise<never>((_, reject) => child.once('error', reject));
    failed.catch(() => undefined); // when spawn works nobody else looks at it
    const stream = child.stdio[3];
    invariant(stream instanceof Duplex, 'the zygote has a socket');
    const channel = new Channel(stream, { event: () => undefined, closed: () => this.#lost(child.pid) });
    await Promise.race([channel.request(MESSAGES.hello, { version: WIRE_VERSION }, MESSAGES.ok), failed]);
    return channel;
  }

  #lost(pid: number | undefined): void {
    this.#current = undefined;
    if (!this.#closing) this.#options.log.warn('zygote ended', { pid });
  }
}
