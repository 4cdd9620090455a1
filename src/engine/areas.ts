// Which areas the engine has, what each is given of the others, and the order they are restored in.
import { processEnv } from '../base/env.ts';
import { nativeProgram } from '../base/native.ts';
import { createBuilds } from './build/area.ts';
import { cacheUsage } from './build/cache-usage.ts';
import { pullBase } from './build/pull.ts';
import { createContainers, openContainerStore, type ContainersArea } from './containers/containers.ts';
import { listContainers } from './containers/list.ts';
import { isAlive } from './containers/record.ts';
import { containerNet } from './containers/start/sandbox.ts';
import { diskUsageHandlers, type DiskUsageSources } from './disk-usage.ts';
import { createImages, type Images } from './images/images.ts';
import type { ImageStore } from './images/store.ts';
import { createNetworkDriver } from './networks/driver.ts';
import { createNetworks, type NetworksDeps } from './networks/service.ts';
import type { NetworkDriver, NetworkWarning } from './networks/types.ts';
import type { Area, EngineContext, UsageService } from './services.ts';
import { Zygote } from './shim/zygote.ts';
import { createVolumes, type Volumes } from './volumes/volumes.ts';

/** Areas of one stage are restored side by side, one stage after the other. */
export type Stages = readonly (readonly Area[])[];

/** Makes the areas in the stages of their restoring; what has to be let go at the end is put on `undo`. */
export async function createAreas(engine: EngineContext, undo: AsyncDisposableStack): Promise<Stages> {
  const zygote = new Zygote({ binary: nativeProgram('gantry-shim'), log: engine.log.area('zygote') });
  undo.defer(async () => zygote.close());
  const { store, usage } = openContainerStore(engine);
  const own = { usage, gantryFs: nativeProgram('gantry-fs'), env: processEnv() };
  const { images, area: imagesArea, store: imageStore, transfer } = createImages(engine, own);
  const { volumes, area: volumesArea } = createVolumes(engine, own);
  const late: Late = { containers: undefined };
  const { networks, area: networksArea } = await createNetworks(engine, networksDeps(engine, { zygote, usage, late }));
  const containers = createContainers(store, { engine, images, volumes, networks, zygote });
  late.containers = containers;
  const disk: Area = { handlers: diskUsageHandlers(diskSources({ images, imageStore, volumes, usage, containers })) };
  const pull = pullBase(transfer);
  const builds = createBuilds({ engine, store: imageStore, containers: containers.containers, pull });
  const stages = [
    [imagesArea, volumesArea, networksArea],
    [containers, disk, builds],
  ];
  for (const area of stages.flat()) undo.defer(async () => area.close?.());
  return stages;
}

interface DiskParts {
  readonly images: Images;
  readonly imageStore: ImageStore;
  readonly volumes: Volumes;
  readonly usage: UsageService;
  readonly containers: ContainersArea;
}

function diskSources({ images, imageStore, volumes, usage, containers }: DiskParts): DiskUsageSources {
  const { records, fs } = imageStore;
  return {
    images: () => {
      const layersOf = new Map<string, ReadonlyMap<string, number>>();
      for (const { id, chains } of records.images())
        layersOf.set(id, new Map(chains.map((chain) => [chain, records.layer(chain)?.size ?? 0])));
      const list = images.list(new Map(), { noneTags: false });
      return list.map((summary) => ({ summary, layers: layersOf.get(summary.Id) ?? new Map<string, number>() }));
    },
    containers: async () =>
      await listContainers(containers.containers, { all: true, limit: 0, size: true, filters: new Map() }),
    volumes: () => volumes.list(new Map()),
    volumeSize: async ({ Mountpoint }, signal) => await fs.size(Mountpoint, { signal }),
    buildCache: () => cacheUsage(imageStore.context.db, records),
    volumeUsers: (name) => usage.containersOfVolume(name).length,
  };
}

/** Networks and containers need each other; networks come first. */
interface Late {
  containers: ContainersArea | undefined;
}

interface Parts {
  readonly zygote: Zygote;
  readonly usage: UsageService;
  readonly late: Late;
}

function networksDeps(engine: EngineContext, { zygote, usage, late }: Parts): NetworksDeps {
  const warnings = new Map<string, NetworkWarning>();
  const area = (): ContainersArea => {
    if (late.containers === undefined) throw new Error('the containers area is not there yet');
    return late.containers;
  };
  return {
    driver: driverOf(engine, zygote, warnings),
    warnings: () => [...warnings.values()],
    containers: {
      ...usage,
      connect: async (...args) => area().networking.connect(...args),
      disconnect: async (...args) => area().networking.disconnect(...args),
      members: (networkId) => area().networking.members(networkId),
    },
    running: () => {
      const { containers } = area();
      const alive = containers.store.all().filter(({ record }) => isAlive(record));
      return alive.map(({ record }) => containerNet(containers, record));
    },
  };
}

function driverOf(engine: EngineContext, zygote: Zygote, warnings: Map<string, NetworkWarning>): NetworkDriver {
  const log = engine.log.area('networks');
  return createNetworkDriver({
    run: engine.paths.run,
    tag: engine.paths.tag,
    ops: { run: async (ops) => zygote.net(ops), rulesChanged: async () => zygote.rulesChanged() },
    log,
    warn: (warning) => {
      warnings.set(warning.code, warning);
      log.warn('network warning', { ...warning });
    },
  });
}
