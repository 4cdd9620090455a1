// The engine's events: stamped, kept for replay (the last 256) and handed to subscribers in order. Knows nothing of HTTP.
import type { EngineEvent } from '../api/objects.ts';
import type { EventHub } from './services.ts';

/** How many events `since` can reach back, as in Docker. */
const KEPT = 256;

/** The hub with its replay buffer. */
export interface EventLog extends EventHub {
  /** The kept events, oldest first. */
  recent(): readonly EngineEvent[];
}

/** An empty event log. */
export function createEventLog(): EventLog {
  const kept: EngineEvent[] = [];
  const listeners = new Set<(event: EngineEvent) => void>();
  const now = stamps();
  return {
    emit(type, action, actor) {
      const event = stamped(now(), { type, action, actor });
      kept.push(event);
      if (kept.length > KEPT) kept.shift();
      for (const listener of [...listeners]) listener(event);
    },
    subscribe(listener, signal) {
      if (signal.aborted) return;
      listeners.add(listener);
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
    recent: () => [...kept],
  };
}

/**
 * Unix nanoseconds that never repeat or run backwards; a double holds them to 256 ns. They follow the wall clock, as the
 * times in clients' `since` do: a monotonic clock would drift away from it.
 */
function stamps(): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1024, Date.now() * 1e6);
    return last;
  };
}

interface Emitted {
  readonly type: EngineEvent['Type'];
  readonly action: string;
  readonly actor: { readonly id: string; readonly attributes: Readonly<Record<string, string>> };
}

/** Docker's shape with the old fields: clients from before API 1.22 read id, status and from, and panic without. */
function stamped(timeNano: number, { type, action, actor }: Emitted): EngineEvent {
  const isOldKind = type === 'container' || type === 'image';
  return {
    ...(isOldKind ? { status: action, id: actor.id } : {}),
    ...(type === 'container' ? { from: actor.attributes['image'] ?? '' } : {}),
    Type: type,
    Action: action,
    Actor: { ID: actor.id, Attributes: actor.attributes },
    scope: 'local',
    time: Math.floor(timeNano / 1e9),
    timeNano,
  };
}
