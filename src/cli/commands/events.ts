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
    time: timeText(event).replace(' ', 'T'),
    type: 'container',
  })}\n`;
}

function textLine(event: EngineEvent): string {
  const attributes = Object.entries(shownAttributes(event)).map(([name, value]) => `${name}=${value}`);
  return `${timeText(event)} container ${event.Action} ${event.Actor.ID} (${attributes.join(', ')})\n`;
}

/** Local time with microseconds. */
function timeText(event: EngineEvent): string {
  const date = new Date(event.time * 1000);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000)
    .toISOString()
    .slice(0, 19)
    .replace('T', ' ');
  const micros = String(Math.floor((event.timeNano / 1000) % 1e6)).padStart(6, '0');
  return `${local}.${micros}`;
}
