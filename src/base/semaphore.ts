// Bounds how many tasks do something at once; waiters are served in order.

/** At most `limit` holders at a time. */
export class Semaphore {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(limit: number) {
    this.#free = limit;
  }

  /** True when the next task would have to wait. */
  get isFull(): boolean {
    return this.#free === 0;
  }

  /** Runs the task when a place is free. */
  async use<T>(task: () => Promise<T>): Promise<T> {
    await this.#acquire();
    try {
      return await task();
    } finally {
      this.#release();
    }
  }

  async #acquire(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

/** A lock per key: tasks of one key run one after the other, different keys side by side. */
export class KeyedMutex {
  readonly #tails = new Map<string, Promise<void>>();

  /** Runs the task when all earlier tasks of the key have ended. A task whose signal is raised before is left out. */
  async run<T>(key: string, task: () => Promise<T>, options: { readonly signal?: AbortSignal } = {}): Promise<T> {
    const before = this.#tails.get(key) ?? Promise.resolve();
    const { signal } = options;
    const turn = signal === undefined ? before : before.then(() => signal.throwIfAborted());
    const result = turn.then(task);
    const tail = result.then(
      () => undefined,
      () => undefined,
    );
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    if (signal !== undefined) await unlessAborted(turn, signal);
    return result;
  }
}

/** Waits for a promise, but no longer than until the signal is raised. */
async function unlessAborted(turn: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, reject } = Promise.withResolvers<undefined>();
  const give = (): void => reject(signal.reason);
  if (signal.aborted) give();
  signal.addEventListener('abort', give, { once: true });
  try {
    await Promise.race([turn, promise]);
  } finally {
    signal.removeEventListener('abort', give);
  }
}
