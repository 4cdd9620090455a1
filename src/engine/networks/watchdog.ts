// Looks every two seconds, while there are rules, whether they still stand (firewalld reloads, a flush by hand). They are
// written again when they are missing at two looks running, so that one deliberate deletion is not undone under a hand.
import type { Logger } from '../../base/log.ts';
import type { Walls } from './walls.ts';

/** What the watchdog is given. */
export interface WatchdogOptions {
  readonly walls: Walls;
  readonly log: Logger;
  /** Writes all rules again. */
  readonly mend: () => Promise<void>;
}

const PERIOD_MS = 2000;

/** A timer that never keeps the process alive. */
export class Watchdog {
  readonly #options: WatchdogOptions;
  #timer: NodeJS.Timeout | undefined;
  #missing = false;

  constructor(options: WatchdogOptions) {
    this.#options = options;
  }

  /** Starts looking, unless it does. */
  start(): void {
    this.#timer ??= this.#arm();
  }

  /** Stops looking. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#missing = false;
  }

  #arm(): NodeJS.Timeout {
    return setTimeout(() => void this.#look(), PERIOD_MS).unref();
  }

  async #look(): Promise<void> {
    const { walls, log, mend } = this.#options;
    try {
      const missing = !(await walls.isWhole());
      if (missing && this.#missing) {
        log.warn('firewall rules were removed by somebody else: writing them again');
        await mend();
      }
      this.#missing = missing && !this.#missing;
    } catch (error) {
      log.error('firewall rules could not be checked', { error });
    }
    if (this.#timer !== undefined) this.#timer = this.#arm();
  }
}
