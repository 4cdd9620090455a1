// `events`: what happens to the project's containers, one line each, until interrupted.
import type { EngineEvent } from '../../api/objects.ts';
import { isComposeLabel, LABEL } from '../../project/labels.ts';
import type { Context } from '../context.ts';
import { goJson } from '../output/json.ts';
import { timeOf } from '../time.ts';
import type { DefineVerb } from '../verb.ts';

interface EventsFlags {
  readonly json?: boolean;
  readonly since?: string;
  readonly until?: string;
}

/** `gantry events`. */
export const events: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('--json', 'one JSON object a line')
    .option('--since <time>', 'from this time on')
    .option('--until <time>', 'up to this time')
    .action((services: string[], flags: EventsFlags) =>
      begin(async (context) => await runEvents(context, services, flags)),
    );
};

async function runEvents(context: Context, services: readonly string[], flags: EventsFlags): Promise<undefined> {
  const [docker, name] = await Promise.all([context.docker(), context.projectName()]);
  const { signal } = context.interrupts;
  const stream = await docker.getEvents({
    filters: { type: ['container'], label: [`${LABEL.project}=${name}`] },
    since: timeOf(flags.since),
    until: timeOf(flags.until),
    abortSignal: signal,
  });
  try {
    for await (const event of stream.events) {
      if (isWanted(event, services)) context.print(flags.json === true ? jsonLine(event) : textLine(event));
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return undefined;
}

function isWanted(event: EngineEvent, services: readonly string[]): boolean {
  const attributes = event.Actor.Attributes;
  if (attributes[LABEL.oneoff]?.toLowerCase() === 'true') return false;
  return services.length === 0 || services.includes(attributes[LABEL.service] ?? '');
}

function shownAttributes(event: EngineEvent): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(event.Actor.Attributes).filter(([name]) => !isComposeLabel(name)));
}

function jsonLine(event: EngineEvent): string {
  return `${goJson({
    action: event.Action,
    attributes: shownAttributes(event),
    id: event.Actor.ID,
    service: event.Actor.Attributes[LABEL.service] ?? '',
    time: jsonTime(event),
    type: 'container',
  })}\n`;
}

function textLine(event: EngineEvent): string {
  const attributes = Object.entries(shownAttributes(event)).map(([name, value]) => `${name}=${value}`);
  return `${textTime(event)} container ${event.Action} ${event.Actor.ID} (${attributes.join(', ')})\n`;
}

/** Local time, as far as seconds. */
function localSeconds(event: EngineEvent): string {
  const date = new Date(event.time * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

/** `2026-01-02 15:04:05.123456`. */
function textTime(event: EngineEvent): string {
  return `${localSeconds(event).replace('T', ' ')}.${fraction(event).slice(0, 6)}`;
}

/** `2026-01-02T15:04:05.123456789+01:00`; Z where the zone is UTC. */
function jsonTime(event: EngineEvent): string {
  const minutes = -new Date(event.time * 1000).getTimezoneOffset();
  const two = (value: number): string => String(value).padStart(2, '0');
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return `${localSeconds(event)}.${fraction(event)}${minutes === 0 ? 'Z' : offset}`;
}

/** Nanoseconds within the second; JSON's numbers keep them to about 0.1 microseconds. */
const fraction = (event: EngineEvent): string => String(event.timeNano % 1e9).padStart(9, '0');
