// The engine put together: folders, lock, state, areas in their order, then the API. Ending it leaves containers alone.
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EnginePaths } from '../base/paths.ts';
import type { Logger } from '../base/log.ts';
import { createAreas, type Stages } from './areas.ts';
import { enterCgroupHome } from './cgroup-home.ts';
import { createEventLog } from './events.ts';
import { listenOn, makeFolders } from './folders.ts';
import { checkHost, readHostFacts } from './host-checks.ts';
import { createFrontDoor } from './http/front-door.ts';
import { eventRoutes } from './http/routes/events.ts';
import { systemRoutes } from './http/routes/system.ts';
import { watchIdle } from './idle.ts';
import type { Area, EngineContext } from './services.ts';
import { cgroupVersion, readCgroupLayout } from './shim/cgroup-layout.ts';
import { Database } from './state/database.ts';
import { lockFolder } from './state/lock.ts';
import { createSettings, currentBootId, engineId, noteBoot } from './state/settings.ts';

/** What a daemon is started with. */
export interface DaemonOptions {
  readonly paths: EnginePaths;
  /** The engine's log in the data folder, which exists by the time this is called. */
  readonly openLog: () => Logger;
  /** How long to stay when nothing runs and nobody is connected, in seconds; 0 = for ever. */
  readonly idleSeconds: number;
}

/** A running daemon. */
export interface Daemon {
  /** Resolves when someone asked it to end, or it found itself idle. */
  readonly wantsToEnd: Promise<string>;
  /** Stops serving and lets go of everything but containers. */
  close(): Promise<void>;
}

/** Starts the engine; resolves when the API listens. On failure everything made so far is taken back. */
export async function startDaemon(options: DaemonOptions): Promise<Daemon> {
  const { paths } = options;
  checkHost(await readHostFacts(paths.data));
  await using undo = new AsyncDisposableStack();
  makeFolders(paths);
  for (const folder of [paths.data, paths.run]) undo.adopt(lockFolder(folder), (lock) => lock.release());
  const log = options.openLog();
  const db = undo.adopt(new Database(paths.data), (open) => open.close());
  undo.defer(enterCgroupHome(paths.tag));
  const controller = new AbortController();
  const events = createEventLog();
  const context = { paths, db, log, events, signal: controller.signal };
  const stages = await createAreas(context, undo);
  await restore(context, stages);
  const end = Promise.withResolvers<string>();
  undo.use(await serve(context, { areas: stages.flat(), events, idleSeconds: options.idleSeconds, end: end.resolve }));
  undo.defer(() => controller.abort());
  const all = undo.move();
  log.info('engine listens', { socket: paths.socket, pid: process.pid });
  return { wantsToEnd: end.promise, close: async () => all.disposeAsync() };
}

async function restore(context: EngineContext, stages: Stages): Promise<void> {
  const rebooted = noteBoot(createSettings(context.db), currentBootId());
  if (rebooted) emptyRunFolder(context.paths.run);
  const start = { rebooted, signal: context.signal };
  for (const stage of stages) await Promise.all(stage.map(async (area) => area.restore?.(start)));
}

/** After a boot nothing in it means anything; the lock is this process's own. */
function emptyRunFolder(run: string): void {
  for (const name of readdirSync(run)) {
    if (!name.startsWith('lock.db')) rmSync(join(run, name), { recursive: true, force: true });
  }
}

interface Serving {
  readonly areas: readonly Area[];
  readonly events: ReturnType<typeof createEventLog>;
  readonly idleSeconds: number;
  readonly end: (why: string) => void;
}

async function infoOf(areas: readonly Area[]): Promise<Readonly<Record<string, unknown>>> {
  const parts = await Promise.all(areas.map(async (area) => (await area.info?.()) ?? {}));
  // each area has warnings of its own
  const Warnings = parts.flatMap((part) => (part['Warnings'] ?? []) as readonly string[]);
  return Object.assign({}, ...parts, { Warnings }) as Readonly<Record<string, unknown>>;
}

/** Opens the API; its end closes the connections and takes the socket away. */
async function serve(context: EngineContext, serving: Serving): Promise<Disposable> {
  const { log, paths, signal } = context;
  const { areas, events, end } = serving;
  const system = systemRoutes({
    engineId: engineId(createSettings(context.db)),
    data: paths.data,
    cgroupVersion: cgroupVersion(readCgroupLayout(readFileSync('/proc/self/mountinfo', 'utf8'))),
    info: async () => await infoOf(areas),
    shutdown: () => end('asked to by a client'),
  });
  const handlers = Object.assign(
    {},
    system,
    eventRoutes(events),
    ...areas.map((area) => area.handlers),
  ) as typeof system;
  const door = createFrontDoor({ handlers, log: log.area('http'), signal, onConnections: () => idle.touch() });
  const isBusy = (): boolean => door.connections() > 0 || areas.some((area) => area.isBusy?.() === true);
  const idle = watchIdle({ seconds: serving.idleSeconds, isBusy, onIdle: () => end('idle') });
  events.subscribe(() => idle.touch(), signal);
  await listenOn(door.server, paths.socket);
  idle.touch();
  return {
    [Symbol.dispose]: () => {
      idle.close();
      door.server.close();
      door.disconnect();
    },
  };
}
