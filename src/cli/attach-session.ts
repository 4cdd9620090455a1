// The watched containers of an attached `up`: follows their logs from start to end, and knows when all have ended.
import type { EngineEvent } from '../api/objects.ts';
import type { Docker } from '../client/docker.ts';
import { isHttpError } from '../client/errors.ts';
import { eventContainer, type EventHub } from '../project/event-hub.ts';
import { isUp, type ObservedContainer } from '../project/observed.ts';
import { copyLog } from './container-logs.ts';
import type { LogWriter } from './output/log-writer.ts';

/** What a session is made of. */
export interface SessionInput {
  readonly docker: Docker;
  readonly hub: EventHub;
  readonly writer: LogWriter;
  readonly containers: readonly ObservedContainer[];
  /** Services whose output is shown. */
  readonly shown: ReadonlySet<string>;
  readonly label: (container: ObservedContainer) => string;
  readonly timestamps: boolean;
  /** The session goes on when all have ended: something may start them again. */
  readonly stays: boolean;
}

/** When one end ends all, and whose exit code counts. */
export interface ExitRules {
  readonly onExit: boolean;
  readonly onFailure: boolean;
  readonly codeFrom: string | undefined;
}

interface Exit {
  readonly container: ObservedContainer;
  readonly code: number;
}

/** Logs and ends of a set of containers. */
export class AttachSession {
  readonly #input: SessionInput;
  readonly #logs = new Map<string, Promise<void>>();
  readonly #running = new Set<string>();
  readonly #exits: Exit[] = [];
  readonly #abort = new AbortController();
  readonly #stopping = new AbortController();
  readonly #over = Promise.withResolvers<undefined>();
  readonly #began = Date.now() / 1000;
  readonly #containers: ObservedContainer[];
  readonly #unlisten: () => void;
  #rules: ExitRules = { onExit: false, onFailure: false, codeFrom: undefined };
  #forcedCode: number | undefined;
  #armed = false;

  constructor(input: SessionInput) {
    this.#input = input;
    this.#containers = [...input.containers];
    this.#unlisten = input.hub.listen(
      (event) => void this.#onEvent(event).catch((error: unknown) => this.#over.reject(error)),
      (error) => this.#over.reject(error),
    );
    this.#over.promise.catch(() => undefined);
  }

  /** Aborted when the user has asked to stop: nothing more is started then. */
  get stopping(): AbortSignal {
    return this.#stopping.signal;
  }

  /** Follows what runs already, from now on. */
  followRunning(): void {
    for (const container of this.#containers) {
      if (isUp(container)) this.#begin(container, String(this.#began));
    }
  }

  /** Counts these as running until they end: the event of a start may come after the answer to it. */
  expect(names: ReadonlySet<string>): void {
    for (const container of this.#containers) if (names.has(container.name)) this.#running.add(container.id);
  }

  /** No more starts. */
  beginEnd(): void {
    this.#stopping.abort();
  }

  /** No more starts; the exit code will be this. */
  beginStop(code: number): void {
    this.#forcedCode = code;
    this.#stopping.abort();
  }

  /** Ends the session although containers may run. */
  end(): void {
    this.#over.resolve(undefined);
  }

  /** Ends the session with an error. */
  fail(error: unknown): void {
    this.#over.reject(error);
  }

  /** Resolves with the exit code when all have ended or the rules say so. */
  async finished(rules: ExitRules): Promise<number> {
    this.#rules = rules;
    this.#armed = true;
    for (const exit of [...this.#exits]) await this.#applyRules(exit);
    this.#checkOver();
    await this.#over.promise;
    await Promise.all(this.#logs.values());
    return this.#exitCode();
  }

  /** Cuts what is still followed. */
  close(): void {
    this.#unlisten();
    this.#abort.abort();
  }

  async #onEvent(event: EngineEvent): Promise<void> {
    const container = this.#containerOf(event);
    if (container === undefined) return;
    if (event.Action === 'start') this.#begin(container, this.#sinceFor(container));
    if (event.Action === 'die') await this.#onDeath(container, Number(event.Actor.Attributes['exitCode'] ?? 0));
  }

  /** One that was made again takes the place of the one before. */
  #containerOf(event: EngineEvent): ObservedContainer | undefined {
    const index = this.#containers.findIndex((at) => at.name === eventContainer(event));
    const known = this.#containers[index];
    if (known === undefined || known.id === event.Actor.ID || event.Action !== 'start') return known;
    this.#running.delete(known.id);
    const fresh = { ...known, id: event.Actor.ID, state: 'created' as const };
    this.#containers[index] = fresh;
    return fresh;
  }

  /** All of a new container's log, of another's what comes from now on. */
  #sinceFor(container: ObservedContainer): string | undefined {
    const isFirst = !this.#logs.has(container.id) && container.state === 'created';
    return isFirst ? undefined : String(this.#logs.has(container.id) ? Date.now() / 1000 - 0.05 : this.#began);
  }

  #begin(container: ObservedContainer, since: string | undefined): void {
    this.#running.add(container.id);
    if (!this.#input.shown.has(container.service)) return;
    const { docker, writer, label, timestamps } = this.#input;
    const before = this.#logs.get(container.id) ?? Promise.resolve();
    const source = { container: container.id, label: label(container) };
    const range = { follow: true, since, timestamps, writer, signal: this.#abort.signal };
    const copy = before.then(async () => await copyLog(docker, source, range));
    // a log that breaks off ends the session, also before anything waits for it
    copy.catch((error: unknown) => this.#over.reject(error));
    this.#logs.set(container.id, copy);
  }

  async #onDeath(container: ObservedContainer, code: number): Promise<void> {
    if (await this.#comesBack(container)) {
      this.#input.writer.note(this.#input.label(container), `exited with code ${code} (restarting)`);
      return;
    }
    await this.#logs.get(container.id);
    if (this.#input.shown.has(container.service))
      this.#input.writer.note(this.#input.label(container), `exited with code ${code}`);
    this.#running.delete(container.id);
    const exit = { container, code };
    this.#exits.push(exit);
    if (this.#armed) await this.#applyRules(exit);
    this.#checkOver();
  }

  async #comesBack(container: ObservedContainer): Promise<boolean> {
    try {
      const { State: state } = await this.#input.docker.getContainer(container.id).inspect();
      return state.Running || state.Restarting;
    } catch (error) {
      if (isHttpError(error, 404)) return false;
      throw error;
    }
  }

  async #applyRules(exit: Exit): Promise<void> {
    const { onExit, onFailure } = this.#rules;
    if (this.#stopping.signal.aborted || (!onExit && !(onFailure && exit.code !== 0))) return;
    this.#stopping.abort();
    this.#forcedCode = this.#rules.codeFrom === undefined ? exit.code : undefined;
    const others = this.#containers.filter((container) => this.#running.has(container.id));
    await Promise.all(others.map(async (container) => await this.#stop(container)));
  }

  async #stop(container: ObservedContainer): Promise<void> {
    try {
      await this.#input.docker.getContainer(container.id).stop();
    } catch (error) {
      if (!isHttpError(error, 304, 404)) throw error;
    }
  }

  #checkOver(): void {
    if (this.#armed && this.#running.size === 0 && !this.#input.stays) this.#over.resolve(undefined);
  }

  #exitCode(): number {
    const { codeFrom } = this.#rules;
    const chosen = this.#exits.find((exit) => exit.container.service === codeFrom);
    return this.#forcedCode ?? (codeFrom === undefined ? 0 : (chosen?.code ?? 0));
  }
}
