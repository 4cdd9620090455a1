// The containers area put together: its commands as one service for the routes, and its seams to other areas.
import type {
  Area,
  ContainerNetworking,
  EngineContext,
  ImageService,
  NetworkService,
  UsageService,
  VolumeService,
} from '../services.ts';
import { execHandlers } from '../http/routes/exec.ts';
import { containerFileHandlers } from '../http/routes/container-files.ts';
import { containerHandlers } from '../http/routes/containers.ts';
import { readHostFacts } from '../shim/host-facts.ts';
import type { Zygote } from '../shim/zygote.ts';
import { containerNetworking } from './connect.ts';
import type { Containers } from './context.ts';
import { cancelRestart } from './exit.ts';
import { makeInitLayer } from './init-layer.ts';
import { NameTables } from './name-tables.ts';
import { isAlive } from './record.ts';
import { removeOwned } from './remove.ts';
import { startOwned } from './start/start.ts';
import { restoreContainers } from './restore.ts';
import { ContainerStore } from './store.ts';
import { usageOf } from './usage.ts';

/** What the area is made with. */
export interface ContainerDeps {
  readonly engine: EngineContext;
  readonly images: ImageService;
  readonly volumes: VolumeService;
  readonly networks: NetworkService;
  readonly zygote: Zygote;
}

/** The area and what others ask of it. */
export interface ContainersArea extends Area {
  readonly containers: Containers;
  readonly networking: ContainerNetworking;
}

/** Which containers use what; stands before the other areas do, since they ask it. */
export function openContainerStore(engine: EngineContext): {
  readonly store: ContainerStore;
  readonly usage: UsageService;
} {
  const store = new ContainerStore(engine.db);
  return { store, usage: usageOf(store) };
}

/** Makes the area over an open store. */
export function createContainers(store: ContainerStore, deps: ContainerDeps): ContainersArea {
  makeInitLayer(deps.engine.paths.data);
  const containers: Containers = {
    ...deps,
    commands: {
      start: async (container) => startOwned(containers, container),
      remove: async (container) => removeOwned(containers, container, { volumes: true }),
    },
    store,
    facts: readHostFacts(),
    names: new NameTables(store, deps.networks),
  };
  return {
    containers,
    networking: containerNetworking(containers),
    handlers: { ...containerHandlers(containers), ...execHandlers(containers), ...containerFileHandlers(containers) },
    restore: async (start) => restoreContainers(containers, start),
    isBusy: () => store.all().some(({ record }) => isAlive(record) || record.state.status === 'restarting'),
    info: () => counts(store),
    close: async () => {
      for (const container of store.all()) {
        cancelRestart(container);
        container.health?.abort();
        const { shim } = container;
        // let go of it first: a connection that ends otherwise means that the shim is dead
        container.shim = undefined;
        shim?.close();
      }
      await Promise.allSettled(store.all().flatMap(({ cleanup, links }) => [cleanup, links]));
    },
  };
}

function counts(store: ContainerStore): Readonly<Record<string, unknown>> {
  const all = store.all();
  const paused = all.filter(({ record }) => record.state.status === 'paused').length;
  const running = all.filter(({ record }) => isAlive(record) || record.state.status === 'restarting').length - paused;
  return {
    Containers: all.length,
    ContainersRunning: running,
    ContainersPaused: paused,
    ContainersStopped: all.length - running - paused,
  };
}
