// A group of tasks with one fate: the first failure cancels the others, and nobody leaves before all have ended.

/** Runs tasks; `wait` settles when every task has settled, with the first failure if there was one. */
export class TaskGroup {
  readonly #controller = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #failed = false;
  #failure: unknown;

  constructor(parent?: AbortSignal) {
    if (parent === undefined) return;
    const abort = (): void => this.#controller.abort(parent.reason);
    if (parent.aborted) abort();
    else parent.addEventListener('abort', abort, { once: true, signal: this.#controller.signal });
  }

  /** Aborted when a task failed or the parent was aborted. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Starts a task at once. */
  run(task: (signal: AbortSignal) => Promise<void>): void {
    const running = task(this.signal).catch((error: unknown) => this.#fail(error));
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  /** Resolves when all tasks (also those added meanwhile) have ended; rejects with the first failure. */
  async wait(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    if (this.#failed) throw this.#failure;
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#failure = error;
    this.#controller.abort(error);
  }
}
