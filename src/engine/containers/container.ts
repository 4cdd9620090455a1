// A container while the daemon lives: its record, its shim if it runs, and who waits for what becomes of it.
import type { ShimClient } from '../shim/shim-client.ts';
import type { Exec } from './exec-types.ts';
import type { ContainerRecord, StateRecord } from './record.ts';
import type { WaitingAttach } from './attach-types.ts';

/** How a run ended, for those who wait. */
export interface Ended {
  readonly exitCode: number;
  readonly error: string;
}

/** A copy in or out of a container that runs. */
export interface FileWork {
  readonly abort: (why: Error) => void;
  /** Settles when it holds nothing any more; never rejects. */
  readonly ended: Promise<unknown>;
}

/** One container. Its owner is whoever holds its key in the store's mutex; others only read. */
export class Container {
  record: ContainerRecord;
  /** While a shim serves it. */
  shim: ShimClient | undefined;
  /** Clients that attached before it ran. */
  readonly waitingAttaches = new Set<WaitingAttach>();
  readonly execs = new Map<string, Exec>();
  /** What a past run still has to give back; waited for before the next one. */
  cleanup: Promise<void> = Promise.resolve();
  /** Work on files that goes through the mounts of a run, and keeps them: ended before they are made anew. */
  readonly fileJobs = new Set<FileWork>();
  /** Ends the watch over its health. */
  health: AbortController | undefined;
  /** Telling those that link to it of its last start. */
  links: Promise<void> = Promise.resolve();
  /** Set while a restart by policy is due. */
  restartTimer: NodeJS.Timeout | undefined;
  /** Length of the next pause before a restart by policy, ms. */
  restartDelay = 0;
  /** Set by a kill or stop, so that the policy does not bring it back. */
  stopRequested = false;
  /** While it is restarted: the end of its run is not that of a container with --rm. */
  isRestarting = false;
  /** From the moment its files begin to go. */
  removalStarted = false;
  readonly #ends = new Set<(ended: Ended) => void>();
  readonly #removals = new Set<() => void>();

  constructor(record: ContainerRecord) {
    this.record = record;
  }

  get id(): string {
    return this.record.id;
  }

  /** Changes the state part of the record in memory. */
  setState(change: Partial<StateRecord>): void {
    this.record = { ...this.record, state: { ...this.record.state, ...change } };
  }

  /** Calls back at the end of this or the next run; the result takes the call back. */
  onEnd(listener: (ended: Ended) => void): () => void {
    this.#ends.add(listener);
    return () => void this.#ends.delete(listener);
  }

  /** Calls back when it is removed. */
  onRemoved(listener: () => void): () => void {
    this.#removals.add(listener);
    return () => void this.#removals.delete(listener);
  }

  announceEnd(ended: Ended): void {
    const listeners = [...this.#ends];
    this.#ends.clear();
    for (const listener of listeners) listener(ended);
  }

  announceRemoval(): void {
    const listeners = [...this.#removals];
    this.#removals.clear();
    for (const listener of listeners) listener();
  }
}
