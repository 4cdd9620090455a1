// `docker events`: what happens in the engine, until interrupted or until a time.
import type { EngineEvent } from '../../../api/objects.ts';
import { collect } from '../../flags.ts';
import type { Context } from '../../context.ts';
import { goJson } from '../../output/json.ts';
import { fromApi } from '../../template/from-api.ts';
import { readTemplate } from '../../template/template.ts';
import { timeOf } from '../../time.ts';
import type { DefineVerb } from '../../verb.ts';
import { filtersOf } from './filters.ts';

interface Flags {
  readonly filter?: readonly string[];
  readonly format?: string;
  readonly since?: string;
  readonly until?: string;
}

/** `docker events`. */
export const systemEvents: DefineVerb = (command, begin) => {
  command
    .option('-f, --filter <filter>', 'KEY=VALUE, repeatable', collect)
    .option('--format <format>', 'json, or a Go template')
    .option('--since <time>', 'from this time on: a date, Unix seconds, or 10m')
    .option('--until <time>', 'up to this time')
    .action((flags: Flags) => begin(async (context) => await follow(context, flags)));
};

async function follow(context: Context, flags: Flags): Promise<undefined> {
  const lineOf = lines(flags.format);
  const { signal } = context.interrupts;
  const docker = await context.docker();
  const stream = await docker.getEvents({
    filters: filtersOf(flags.filter),
    since: timeOf(flags.since),
    until: timeOf(flags.until),
    abortSignal: signal,
  });
  try {
    for await (const event of stream.events) context.print(`${lineOf(event)}\n`);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return undefined;
}

function lines(format = ''): (event: EngineEvent) => string {
  if (format === '') return textOf;
  if (format === 'json') return (event) => goJson(event);
  const template = readTemplate(format.replaceAll('\\t', '\t').replaceAll('\\n', '\n'));
  return (event) => template.run(fromApi(fieldsOf(event)));
}

/** The fields as Docker's templates name them. */
function fieldsOf(event: EngineEvent): object {
  return {
    ...event,
    Status: event.status ?? '',
    ID: event.id ?? '',
    From: event.from ?? '',
    Scope: event.scope,
    Time: event.time,
    TimeNano: event.timeNano,
  };
}

/** `2026-11-21T04:51:32.162473702Z image tag ID (name=busybox:latest)`. */
function textOf(event: EngineEvent): string {
  const attributes = Object.entries(event.Actor.Attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`);
  const behind = attributes.length === 0 ? '' : ` (${attributes.join(', ')})`;
  return `${timeText(event)} ${event.Type} ${event.Action} ${event.Actor.ID}${behind}`;
}

/** Local time with its zone; a double holds the nanoseconds to 256. */
function timeText({ time, timeNano }: EngineEvent): string {
  const date = new Date(time * 1000);
  const minutes = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + minutes * 60_000).toISOString().slice(0, 19);
  const fraction = String(Math.max(0, timeNano - time * 1e9))
    .padStart(9, '0')
    .slice(0, 9);
  const two = (value: number): string => String(value).padStart(2, '0');
  const zone = `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`;
  return `${local}.${fraction}${minutes === 0 ? 'Z' : zone}`;
}
