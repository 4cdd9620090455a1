// `logs`: what containers have written and, with -f, what they go on writing, across restarts.
import { aborted } from '../../base/aborted.ts';
import type { Docker } from '../../client/docker.ts';
import { eventContainer, EventHub } from '../../project/event-hub.ts';
import { isUp, type ObservedContainer } from '../../project/observed.ts';
import { labelOf } from '../attached.ts';
import type { Context } from '../context.ts';
import { copyLog, type LogRange } from '../container-logs.ts';
import { integerOf } from '../flags.ts';
import { createLogWriter, type LogWriter } from '../output/log-writer.ts';
import { timeOf } from '../time.ts';
import { replicaNumber, selectContainers, type ReplicaFlags, type Selection } from '../select.ts';
import type { DefineVerb } from '../verb.ts';

interface LogsFlags extends ReplicaFlags {
  readonly follow?: boolean;
  readonly tail?: string;
  readonly timestamps?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly color?: boolean;
  readonly logPrefix?: boolean;
}

/** `gantry logs`. */
export const logs: DefineVerb = (command, begin) => {
  command
    .argument('[services...]')
    .option('-f, --follow', 'go on with what comes')
    .option('-n, --tail <lines>', 'only the last lines of each container')
    .option('-t, --timestamps', 'times before lines')
    .option('--since <time>', 'from this time on: 2026-01-02T15:04:05Z or 10m')
    .option('--until <time>', 'up to this time')
    .option('--no-color', 'no colours')
    .option('--no-log-prefix', 'no names before lines')
    .option('--index <n>', 'only this replica')
    .action((services: string[], flags: LogsFlags) =>
      begin(async (context) => await runLogs(context, services, flags)),
    );
};

async function runLogs(context: Context, services: readonly string[], flags: LogsFlags): Promise<undefined> {
  const selection = await selectContainers(context, services);
  const quiet = services.length > 0 ? new Set<string>() : await quietServices(context);
  const containers = shown(selection, quiet, flags);
  const names = containers.map((container) => labelOf(selection, container));
  const color = context.color.out && flags.color !== false;
  const writer = createLogWriter(context.io.stdout, context.io.stderr, {
    color,
    prefix: flags.logPrefix !== false,
    names,
  });
  const range = rangeOf(flags);
  const docker = await context.docker();
  const reader: Reader = { docker, writer, range, selection, signal: context.interrupts.signal };
  if (flags.follow === true) await followAll(reader, containers);
  else for (const container of containers) await read(reader, container, range);
  return undefined;
}

interface Reader {
  readonly docker: Docker;
  readonly writer: LogWriter;
  readonly range: LogRange;
  readonly selection: Selection;
  readonly signal: AbortSignal;
}

/** Services that say `attach: false`: left out unless they are named. */
async function quietServices(context: Context): Promise<ReadonlySet<string>> {
  const project = await context.projectIfAny();
  const quiet = Object.values(project?.services ?? {}).filter((service) => service.attach === false);
  return new Set(quiet.map((service) => service.name));
}

function shown(selection: Selection, quiet: ReadonlySet<string>, flags: LogsFlags): readonly ObservedContainer[] {
  const index = replicaNumber(flags);
  const loud = selection.containers.filter((container) => !quiet.has(container.service));
  return index === undefined ? loud : loud.filter((container) => container.number === index);
}

function rangeOf(flags: LogsFlags): LogRange {
  return {
    follow: flags.follow ?? false,
    tail: flags.tail === undefined || flags.tail === 'all' ? 'all' : String(integerOf('--tail', flags.tail, -1)),
    timestamps: flags.timestamps ?? false,
    since: timeOf(flags.since),
    until: timeOf(flags.until),
  };
}

async function read(reader: Reader, container: ObservedContainer, range: LogRange): Promise<void> {
  const { docker, writer, signal, selection } = reader;
  await copyLog(
    docker,
    { container: container.id, label: labelOf(selection, container) },
    { ...range, writer, signal },
  );
}

/** Ends when no container is left running; one that starts again is read on from there. */
async function followAll(reader: Reader, containers: readonly ObservedContainer[]): Promise<void> {
  const hub = new EventHub(reader.docker, reader.selection.name);
  const reading = new Map<string, Promise<void>>();
  const over = Promise.withResolvers<undefined>();
  const begin = (container: ObservedContainer, range: LogRange): void => {
    const before = reading.get(container.id) ?? Promise.resolve();
    const now = before.then(async () => await read(reader, container, range));
    reading.set(container.id, now);
    now.then(() => settle(container, now)).catch(over.reject);
  };
  const settle = (container: ObservedContainer, done: Promise<void>): void => {
    if (reading.get(container.id) === done) reading.delete(container.id);
    if (reading.size === 0) over.resolve(undefined);
  };
  const unlisten = hub.listen((event) => {
    const container = containers.find((at) => at.name === eventContainer(event));
    if (container === undefined || event.Action !== 'start') return;
    begin(container, { ...reader.range, tail: 'all', since: String(event.timeNano / 1e9 - 0.05) });
  }, over.reject);
  try {
    await hub.open();
    for (const container of containers.toSorted((a, b) => Number(isUp(b)) - Number(isUp(a))))
      begin(container, reader.range);
    if (containers.length === 0) return;
    await Promise.race([over.promise, aborted(reader.signal)]);
  } finally {
    unlisten();
    await hub.close();
  }
}
