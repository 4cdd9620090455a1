// Merges network operations that come within a millisecond, or while others run, into one request to the zygote. For
// operations that may stand in any order and beside any other.
import { setTimeout as sleep } from 'node:timers/promises';
import type { NetOps, Waiting } from './types.ts';

const MERGE_MS = 1;

/** Gathers operations. */
export class OpsQueue {
  readonly #ops: NetOps;
  #gathered: Uint8Array[] = [];
  #next: Promise<void> | undefined;

  constructor(ops: NetOps) {
    this.#ops = ops;
  }

  /** Runs the records with those of others; resolves when they have run. The signal is the first caller's. */
  async run(records: readonly Uint8Array[], waiting: Waiting): Promise<void> {
    if (records.length === 0) return;
    this.#gathered.push(...records);
    this.#next ??= this.#gather(waiting);
    await this.#next;
  }

  async #gather(waiting: Waiting): Promise<void> {
    await sleep(MERGE_MS);
    const records = this.#gathered;
    this.#gathered = [];
    this.#next = undefined;
    await this.#ops.run(Buffer.concat(records), waiting);
  }
}
