// GET /events: replay, then live, one object a line. A slow reader loses the oldest of what waits for it, never others' events.
import type { Writable } from 'node:stream';
import type { EngineEvent } from '../../../api/objects.ts';
import { GantryError } from '../../../base/error.ts';
import type { EventLog } from '../../events.ts';
import { passes } from '../event-filter.ts';
import type { ApiRequest, Handlers, StreamAnswer } from '../types.ts';
import { writeOut } from '../write-out.ts';

/** Events that may wait for one slow client. */
const MAX_WAITING = 1024;
/** Longest delay a timer can have, in ms. */
const MAX_TIMER = 2 ** 31 - 1;

/** The route of events. */
export function eventRoutes(events: EventLog): Handlers {
  return { events: (request) => Promise.resolve(streamOf(events, request)) };
}

/** Times are unix nanoseconds. */
interface Selection {
  readonly since: number | undefined;
  readonly until: number | undefined;
  readonly filters: ReadonlyMap<string, readonly string[]>;
}

function streamOf(events: EventLog, request: ApiRequest): StreamAnswer {
  const selection = {
    since: timeOf(request, 'since'),
    until: timeOf(request, 'until'),
    filters: request.query.filters(),
  };
  if (selection.since !== undefined && selection.until !== undefined && selection.since > selection.until) {
    const [since, until] = [request.query.text('since') ?? '', request.query.text('until') ?? ''];
    throw new GantryError(
      'engine/bad-parameter',
      `\`since\` time (${since}) cannot be after \`until\` time (${until})`,
    );
  }
  return {
    headers: { 'Content-Type': 'application/json' },
    write: async (out, signal) => stream(events, selection, { out, signal }),
  };
}

/** Unix seconds with an optional fraction, as nanoseconds. */
function timeOf(request: ApiRequest, name: 'since' | 'until'): number | undefined {
  const text = request.query.text(name);
  if (text === undefined || text === '') return undefined;
  const found = /^(\d{1,11})(?:\.(\d{1,9})\d*)?$/.exec(text);
  if (!found) throw new GantryError('engine/bad-parameter', `invalid value for ${name}: ${JSON.stringify(text)}`);
  return Number(found[1]) * 1e9 + Number((found[2] ?? '').padEnd(9, '0'));
}

interface Sink {
  readonly out: Writable;
  readonly signal: AbortSignal;
}

async function stream(events: EventLog, selection: Selection, sink: Sink): Promise<void> {
  using timer = deadline(selection.until);
  const signal = AbortSignal.any([sink.signal, timer.signal]);
  const queue: EngineEvent[] = replay(events, selection);
  let wake = (): void => undefined;
  events.subscribe((event) => {
    if (!passes(event, selection.filters)) return;
    queue.push(event);
    if (queue.length > MAX_WAITING) queue.shift();
    wake();
  }, signal);
  signal.addEventListener('abort', () => wake(), { once: true });
  for (;;) {
    for (let event = queue.shift(); event !== undefined; event = queue.shift())
      await writeOut(sink.out, `${JSON.stringify(event)}\n`, sink.signal);
    if (signal.aborted) return;
    await new Promise<void>((resolve) => (wake = resolve));
  }
}

/** What is kept and wanted; nothing when neither end of time was given. */
function replay(events: EventLog, { since, until, filters }: Selection): EngineEvent[] {
  if (since === undefined && until === undefined) return [];
  const [from, to] = [since ?? 0, until ?? Infinity];
  return events.recent().filter((event) => event.timeNano >= from && event.timeNano <= to && passes(event, filters));
}

/** Aborts at `until`; at once when that has passed, never when there is none. */
function deadline(until: number | undefined): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const arm = (): void => {
    const left = (until ?? 0) / 1e6 - Date.now();
    if (left <= 0) controller.abort();
    else timer = setTimeout(arm, Math.min(left, MAX_TIMER));
  };
  if (until !== undefined) arm();
  return { signal: controller.signal, [Symbol.dispose]: () => clearTimeout(timer) };
}
