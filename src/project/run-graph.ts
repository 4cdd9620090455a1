// Runs a graph of tasks without levels: each begins when its own predecessors are done. Knows nothing of containers.
import { Semaphore } from '../base/semaphore.ts';

/** A task and the ids of those before it. */
export interface GraphTask {
  readonly id: string;
  readonly needs: readonly string[];
}

/** How a run went. Tasks in none of the lists were still to come when it was cancelled. */
export interface GraphOutcome<T extends GraphTask> {
  readonly done: readonly T[];
  readonly failed: readonly { readonly task: T; readonly error: unknown }[];
  readonly skipped: readonly T[];
}

/** How to run. */
export interface GraphOptions<T extends GraphTask> {
  readonly run: (task: T, signal: AbortSignal) => Promise<void>;
  /** How many run at a time. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
  /** True for tasks that may stay on when another fails, to see it through. Default: all are left to end, waits are cut. */
  readonly isWait?: (task: T) => boolean;
}

/**
 * Runs the tasks. After a failure or an abort no task begins any more; those that run are left to end, so that it is
 * known what was done, only waits are cut short. Never rejects.
 */
export async function runGraph<T extends GraphTask>(
  tasks: readonly T[],
  options: GraphOptions<T>,
): Promise<GraphOutcome<T>> {
  const run = new GraphRun(tasks, options);
  return await run.finish();
}

class GraphRun<T extends GraphTask> {
  readonly #options: GraphOptions<T>;
  readonly #semaphore: Semaphore;
  readonly #tasks: readonly T[];
  readonly #open: Map<string, number>;
  readonly #next: ReadonlyMap<string, readonly T[]>;
  readonly #waits = new AbortController();
  readonly #begun = new Set<T>();
  readonly #done: T[] = [];
  readonly #failed: { task: T; error: unknown }[] = [];
  readonly #finished = Promise.withResolvers<undefined>();
  #running = 0;

  constructor(tasks: readonly T[], options: GraphOptions<T>) {
    this.#tasks = tasks;
    this.#options = options;
    this.#semaphore = new Semaphore(options.limit);
    this.#open = new Map(tasks.map((task) => [task.id, task.needs.length]));
    const edges = tasks.flatMap((task) => task.needs.map((id) => ({ id, task })));
    const grouped = Map.groupBy(edges, (edge) => edge.id);
    this.#next = new Map([...grouped].map(([id, list]) => [id, list.map((edge) => edge.task)]));
  }

  async finish(): Promise<GraphOutcome<T>> {
    const stop = (): void => this.#waits.abort(this.#options.signal?.reason);
    this.#options.signal?.addEventListener('abort', stop, { once: true });
    for (const task of this.#tasks) if (task.needs.length === 0) this.#begin(task);
    if (this.#running === 0) this.#finished.resolve(undefined);
    await this.#finished.promise;
    this.#options.signal?.removeEventListener('abort', stop);
    const skipped = this.#tasks.filter((task) => !this.#begun.has(task));
    return { done: this.#done, failed: this.#failed, skipped };
  }

  #isStopped(): boolean {
    return this.#failed.length > 0 || this.#options.signal?.aborted === true;
  }

  #begin(task: T): void {
    this.#running += 1;
    void this.#execute(task).finally(() => {
      this.#running -= 1;
      if (this.#running === 0) this.#finished.resolve(undefined);
    });
  }

  async #execute(task: T): Promise<void> {
    try {
      const { isWait } = this.#options;
      // a wait costs the engine nothing, so it takes no place
      if (isWait?.(task) === true) await this.#runOne(task);
      else await this.#semaphore.use(async () => await this.#runOne(task));
    } catch (error) {
      this.#failed.push({ task, error });
      this.#waits.abort(error);
    }
  }

  async #runOne(task: T): Promise<void> {
    if (this.#isStopped()) return;
    this.#begun.add(task);
    await this.#options.run(task, this.#waits.signal);
    this.#done.push(task);
    if (this.#isStopped()) return;
    for (const next of this.#next.get(task.id) ?? []) {
      const left = (this.#open.get(next.id) ?? 0) - 1;
      this.#open.set(next.id, left);
      if (left === 0) this.#begin(next);
    }
  }
}
