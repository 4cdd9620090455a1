// Looks, while there are rules, whether they still stand (firewalld reloads, a flush by hand): two seconds after nftables
// changed, or every two seconds where the kernel can't tell. Rules are written again when they are missing at two looks
// running, so that one deliberate deletion is not undone under a hand.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../base/log.ts';
import type { Walls } from './walls.ts';

/** What the watchdog is given. */
export interface WatchdogOptions {
  readonly walls: Pick<Walls, 'isWhole' | 'tell'>;
  readonly log: Logger;
  /** Resolves when nftables change from now on; rejects where the kernel can't tell. One call at a time. */
  readonly changed: () => Promise<void>;
  /** Writes all rules again. */
  readonly mend: () => Promise<void>;
  /** Time between looks in ms. */
  readonly period?: number;
}

const PERIOD_MS = 2000;

/** Never keeps the process alive. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  #stop: AbortController | undefined;
  /** The one question for changes that is under way; it outlives a stop. */
  #change: Promise<void> | undefined;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** Starts looking, unless it does. */
  start(): void {
    if (this.#stop !== undefined) return;
    this.#stop = new AbortController();
    void this.#watch(this.#stop.signal);
  }

  /** Stops looking. */
  stop(): void {
    this.#stop?.abort();
    this.#stop = undefined;
  }

  async #watch(signal: AbortSignal): Promise<void> {
    let missing = false;
    while (await this.#isTime(missing, signal)) {
      void this.#nextChange(); // asked before the look, so that nothing falls between
      missing = await this.#look(missing);
    }
  }

  /** Waits until it is time to look; false when it was stopped. */
  async #isTime(missing: boolean, signal: AbortSignal): Promise<boolean> {
    const change = this.#nextChange();
    if (!missing) await change;
    await sleep(this.#options.period ?? PERIOD_MS, undefined, { ref: false, signal }).catch(() => undefined);
    return !signal.aborted;
  }

  /** Resolves at once where nobody tells: then it is the period that counts. */
  #nextChange(): Promise<void> {
    if (!this.#options.walls.tell) return Promise.resolve();
    this.#change ??= this.#options
      .changed()
      .catch(() => undefined)
      .finally(() => (this.#change = undefined));
    return this.#change;
  }

  /** True when rules are missing for the first time. */
  async #look(wasMissing: boolean): Promise<boolean> {
    const { walls, log, mend } = this.#options;
    try {
      const missing = !(await walls.isWhole());
      if (!missing || !wasMissing) return missing;
      log.warn('firewall rules were removed by somebody else: writing them again');
      await mend();
    } catch (error) {
      log.error('firewall rules could not be checked', { error });
    }
    return false;
  }
}
