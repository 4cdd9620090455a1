// One stream of the engine's events for a whole command, handed to whoever waits for a container.
import type { EngineEvent } from '../api/objects.ts';
import type { Docker, EventStream } from '../client/docker.ts';
import { GantryError } from '../base/error.ts';
import { LABEL } from './labels.ts';

/** Gets each event of the project's containers. */
export type EventListener = (event: EngineEvent) => void;

/** Opens the stream when first asked, closes it at the end. */
export class EventHub {
  readonly #docker: Docker;
  readonly #project: string;
  readonly #listeners = new Set<EventListener>();
  readonly #losers = new Set<(error: unknown) => void>();
  #stream: Promise<EventStream> | undefined;
  #closed = false;

  constructor(docker: Docker, project: string) {
    this.#docker = docker;
    this.#project = project;
  }

  /** Resolves once nothing that happens from now on is missed. */
  async open(): Promise<void> {
    this.#stream ??= this.#openStream();
    await this.#stream;
  }

  /** Calls `listener` with each event from now on, `onLost` when no more can come; gives the way to stop it. */
  listen(listener: EventListener, onLost: (error: unknown) => void): () => void {
    this.#listeners.add(listener);
    this.#losers.add(onLost);
    return () => {
      this.#listeners.delete(listener);
      this.#losers.delete(onLost);
    };
  }

  /** Ends the stream. */
  async close(): Promise<void> {
    this.#closed = true;
    const stream = await this.#stream?.catch(() => undefined);
    stream?.close();
  }

  async #openStream(): Promise<EventStream> {
    const filters = { type: ['container'], label: [`${LABEL.project}=${this.#project}`] };
    const stream = await this.#docker.getEvents({ filters });
    void this.#read(stream);
    return stream;
  }

  async #read(stream: EventStream): Promise<void> {
    let cause: unknown;
    try {
      for await (const event of stream.events) for (const listener of this.#listeners) listener(event);
    } catch (error) {
      cause = error;
    }
    if (this.#closed) return;
    const lost = new GantryError('client/unreachable', `the engine's event stream ended`, { cause });
    for (const loser of [...this.#losers]) loser(lost);
  }
}

/** The container an event is about, by name. */
export function eventContainer(event: EngineEvent): string {
  return event.Actor.Attributes['name'] ?? '';
}
