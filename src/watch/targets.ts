// The containers that copies go to: listed once and kept until the engine's events say that something changed.
import type { Docker, EventStream } from '../client/docker.ts';
import type { EngineEvent } from '../api/objects.ts';
import { LABEL } from '../project/labels.ts';
import { observeContainers } from '../project/observe.ts';
import type { ObservedContainer } from '../project/observed.ts';
import { sleep } from './quiet.ts';

/** What is told when containers come and go. */
export interface TargetsInput {
  readonly docker: Docker;
  readonly project: string;
  /** A container of the service was started, or events may have been missed (undefined: of any service). */
  readonly started: (service: string | undefined, id: string | undefined) => void;
  readonly notice: (text: string) => void;
  readonly signal: AbortSignal;
}

/** Containers by service. */
export interface Targets {
  /** Those that are there, running or not; without one-offs. */
  of(service: string): Promise<readonly ObservedContainer[]>;
  /** The next `of` asks the engine. */
  forget(): void;
  /** Resolves when events are no longer read. */
  readonly ended: Promise<void>;
}

/** Pause before the events of an engine that went away are asked for again, ms. */
const REOPEN = 500;
const CHANGES = new Set(['create', 'start', 'die', 'destroy', 'rename']);

/** Opens the events and keeps them open; resolves once nothing is missed. */
export async function openTargets(input: TargetsInput): Promise<Targets> {
  const { docker, project, signal } = input;
  let known: Promise<readonly ObservedContainer[]> | undefined;
  const forget = (): void => void (known = undefined);
  const first = await openEvents(input);
  return {
    of: async (service) => {
      known ??= observeContainers(docker, project, { signal });
      // a failed answer is not kept
      known.catch(forget);
      return (await known).filter((container) => container.service === service && !container.oneoff);
    },
    forget,
    ended: follow(input, { first, forget }),
  };
}

async function openEvents({ docker, project, signal }: TargetsInput): Promise<EventStream> {
  const filters = { type: ['container'], label: [`${LABEL.project}=${project}`] };
  return await docker.getEvents({ filters, abortSignal: signal });
}

async function follow(
  input: TargetsInput,
  { first, forget }: { readonly first: EventStream; readonly forget: () => void },
): Promise<void> {
  let stream: EventStream | undefined = first;
  const onEvent = (event: EngineEvent): void => {
    if (!CHANGES.has(event.Action)) return;
    forget();
    if (event.Action === 'start') input.started(event.Actor.Attributes[LABEL.service], event.Actor.ID);
  };
  const isOver = (): boolean => input.signal.aborted;
  while (!isOver()) {
    try {
      stream ??= await openEvents(input);
      forget();
      if (stream !== first) input.started(undefined, undefined);
      for await (const event of stream.events) onEvent(event);
    } catch {
      // the next try tells whether the engine is back
    }
    if (isOver()) return;
    if (stream !== undefined) input.notice('the engine went away: waiting for it');
    stream = undefined;
    await sleep(REOPEN, input.signal);
  }
}
