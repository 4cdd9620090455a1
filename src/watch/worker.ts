// Does what the changes of one service ask for, one thing at a time: copies at once, then, when it is quiet, what costs
// more. What comes meanwhile joins the next batch; what fails is told and tried again.
import { messageOf } from '../base/error.ts';
import { isHttpError } from '../client/errors.ts';
import { runHooks, tellAction, type ActionKind, type WorkerInput } from './actions.ts';
import { decide } from './decide.ts';
import { BEFORE_ACTION, BEFORE_COPY, sleep, untilQuiet, type ChangeTimes } from './quiet.ts';
import { isSync, mappingOf, ruleMatches, copyOf, type Mapping, type Rule } from './rule.ts';
import { syncPaths, type SyncOptions } from './sync.ts';
import { Touched } from './touched.ts';
import { pathsOf } from './tree.ts';

/** Pauses before a failed copy is tried again, ms; the last one repeats. */
const RETRY = [200, 1000, 5000, 15_000];

/** The worker of a service. */
export class ServiceWorker {
  readonly #input: WorkerInput;
  readonly #touched = new Touched();
  /** Containers that have all that was touched. */
  readonly #current = new Set<string>();
  /** What was deleted in all containers: one deletion is told by several events. */
  readonly #gone = new Set<string>();
  #changed = new Set<string>();
  #times: ChangeTimes = { first: 0, last: 0 };
  #rebuild = false;
  #restart = false;
  #execs = new Set<Rule>();
  /** There may be containers that are not current. */
  #stale = false;
  #failures = 0;
  #running: Promise<void> | undefined;
  #hurry = new AbortController();

  constructor(input: WorkerInput) {
    this.#input = input;
  }

  /** Containers that are there now need no copies but those of `initial_sync`. */
  async begin(): Promise<void> {
    const containers = await this.#input.targets.of(this.#input.service);
    const initial = await this.#initial();
    if (initial.length > 0) this.#stale = true;
    else for (const { id } of containers) this.#current.add(id);
    this.#wake();
    await this.#running;
  }

  /** Something happened to this path. */
  change(path: string): void {
    if (!this.#input.rules.some((rule) => ruleMatches(rule, path))) return;
    const now = performance.now();
    if (this.#changed.size === 0) this.#times.first = now;
    this.#times.last = now;
    this.#changed.add(path);
    this.#hurry.abort();
    this.#wake();
  }

  /** A container was started; undefined: any may have been. */
  started(id: string | undefined): void {
    if (id !== undefined && this.#input.volatile) this.#current.delete(id);
    if (id !== undefined && this.#current.has(id)) return;
    this.#stale = true;
    this.#hurry.abort();
    this.#wake();
  }

  /** Resolves when nothing is being done. */
  async idle(): Promise<void> {
    await this.#running;
  }

  #wake(): void {
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#hasWork() && !this.#input.signal.aborted) this.#wake();
    });
  }

  #hasWork(): boolean {
    return this.#stale || this.#changed.size > 0 || this.#rebuild || this.#restart || this.#execs.size > 0;
  }

  #isOver(): boolean {
    return this.#input.signal.aborted;
  }

  async #run(): Promise<void> {
    while (this.#hasWork() && !this.#isOver()) {
      try {
        await this.#step();
        this.#failures = 0;
      } catch (error) {
        if (!this.#isOver()) await this.#failed(error);
      }
    }
  }

  async #step(): Promise<void> {
    const { signal } = this.#input;
    if (this.#stale) {
      await this.#catchUp();
    } else if (this.#changed.size > 0) {
      await untilQuiet(this.#times, BEFORE_COPY, signal);
      await this.#copyChanged();
    } else {
      const change = this.#hurryUp();
      await untilQuiet(this.#times, BEFORE_ACTION, AbortSignal.any([signal, change]));
      if (!change.aborted) await this.#act();
    }
  }

  /** Aborted by the next change. */
  #hurryUp(): AbortSignal {
    this.#hurry = new AbortController();
    return this.#hurry.signal;
  }

  async #copyChanged(): Promise<void> {
    const paths = this.#changed;
    this.#changed = new Set();
    const decision = decide(this.#input.rules, paths);
    this.#touched.add(decision.mappings.map(({ path }) => path));
    this.#rebuild ||= decision.rebuild;
    this.#restart ||= decision.restart;
    for (const rule of decision.execs) this.#execs.add(rule);
    await this.#copy(decision.mappings, { containers: await this.#ids(), gone: this.#gone });
  }

  /** Failing to know them means that any may lack what was just touched. */
  async #ids(): Promise<readonly string[]> {
    try {
      return (await this.#input.targets.of(this.#input.service)).map(({ id }) => id);
    } catch (error) {
      this.#current.clear();
      throw error;
    }
  }

  /** Gives containers that are new all that was touched. */
  async #catchUp(): Promise<void> {
    this.#stale = false;
    this.#input.targets.forget();
    const all = await this.#input.targets.of(this.#input.service);
    const wanting = all.filter(({ id }) => !this.#current.has(id)).map(({ id }) => id);
    for (const id of this.#current) if (!all.some((container) => container.id === id)) this.#current.delete(id);
    if (wanting.length === 0) return;
    for (const id of wanting) this.#current.add(id);
    await this.#copy([...(await this.#known()).values()], { containers: wanting, gone: new Set() });
  }

  /** Copies of everything touched, and of what rules want in every new container. */
  async #known(): Promise<ReadonlyMap<string, Mapping>> {
    const rules = this.#input.rules.filter(isSync);
    const initial = this.#touched.all ? await allOf(rules) : await this.#initial();
    const touched = decide(rules, this.#touched.paths).mappings;
    return new Map([...initial, ...touched].map((mapping) => [copyOf(mapping), mapping]));
  }

  async #initial(): Promise<readonly Mapping[]> {
    return await allOf(this.#input.rules.filter((rule) => isSync(rule) && rule.initialSync));
  }

  async #copy(mappings: readonly Mapping[], to: Pick<SyncOptions, 'containers' | 'gone'>): Promise<void> {
    const { containers } = to;
    if (mappings.length === 0 || containers.length === 0) return;
    const { service, docker, signal, report } = this.#input;
    const before = performance.now();
    const synced = await syncPaths(docker, mappings, { ...to, signal });
    for (const mapping of synced.copied) this.#gone.delete(copyOf(mapping));
    for (const path of synced.again) this.change(path);
    if (synced.failed.size > 0) this.#missed(mappings, synced.failed);
    for (const mapping of synced.deleted) this.#gone.add(copyOf(mapping));
    if (synced.copied.length + synced.deleted.length === 0) return;
    report({
      kind: 'synced',
      service,
      copied: synced.copied.map(({ name }) => name),
      deleted: synced.deleted.map(({ name }) => name),
      containers: containers.length - synced.failed.size,
      ms: performance.now() - before,
    });
  }

  /** A container that is gone needs nothing; another one gets all again. */
  #missed(mappings: readonly Mapping[], failed: ReadonlyMap<string, unknown>): void {
    this.#touched.add(mappings.map(({ path }) => path));
    this.#gone.clear();
    const errors: unknown[] = [];
    for (const [id, error] of failed) {
      this.#current.delete(id);
      if (!isHttpError(error, 404) || !messageOf(error).includes('No such container')) errors.push(error);
    }
    this.#stale = true;
    if (errors.length > 0) throw errors[0];
  }

  async #act(): Promise<void> {
    const rebuild = this.#rebuild;
    const restart = this.#restart;
    const execs = this.#execs;
    this.#rebuild = false;
    this.#restart = false;
    this.#execs = new Set();
    const { service, actions } = this.#input;
    const tell = async (what: ActionKind, work: () => Promise<void>): Promise<boolean> =>
      await tellAction(this.#input, what, work);
    if (rebuild && !(await tell('rebuild', async () => await actions.rebuild(service)))) return;
    if (rebuild) await this.#catchUp();
    else if (restart) await tell('restart', async () => await actions.restart(service));
    for (const rule of execs) await tell('exec', async () => await runHooks(this.#input, rule));
  }

  async #failed(error: unknown): Promise<void> {
    const { report, service, signal } = this.#input;
    if (this.#failures === 0) report({ kind: 'failed', service, what: 'sync', error });
    const pause = RETRY[Math.min(this.#failures, RETRY.length - 1)] ?? 0;
    this.#failures += 1;
    this.#stale = true;
    await sleep(pause, AbortSignal.any([signal, this.#hurryUp()]));
  }
}

async function allOf(rules: readonly Rule[]): Promise<readonly Mapping[]> {
  const lists = await Promise.all(
    rules.map(async (rule) => (await pathsOf(rule)).map((path) => mappingOf(rule, path))),
  );
  return lists.flat().filter(({ name }) => name !== '');
}
