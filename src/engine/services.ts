// What the areas of the engine offer each other. Each area implements its part; daemon.ts puts them together.
// Only these seams are shared: an area's records, tables and files are its own.
import type { ContainerConfig, EndpointConfig } from '../api/containers.ts';
import type { EngineEvent } from '../api/objects.ts';
import type { EnginePaths } from '../base/paths.ts';
import type { Logger } from '../base/log.ts';
import type { Handlers } from './http/types.ts';
import type { EndpointSpec, NetworkDriver, NetworkSpec, PortRequest, PortSpec } from './networks/types.ts';
import type { Database } from './state/database.ts';

/** Handed to every area when the daemon starts. */
export interface EngineContext {
  readonly paths: EnginePaths;
  readonly db: Database;
  readonly log: Logger;
  readonly events: EventHub;
  /** Aborted when the daemon ends. */
  readonly signal: AbortSignal;
}

/** Where areas announce what happened; keeps the last 256 for `since` (API sheet §2.1). */
export interface EventHub {
  /** `attributes` as Docker has them; time, scope and the pre-1.52 fields are added. */
  emit(
    type: EngineEvent['Type'],
    action: string,
    actor: { readonly id: string; readonly attributes: Readonly<Record<string, string>> },
  ): void;
  /** Calls `listener` for each event from now on until the signal is aborted. */
  subscribe(listener: (event: EngineEvent) => void, signal: AbortSignal): void;
}

/** An image resolved for running. */
export interface RunnableImage {
  /** `sha256:…` of the image configuration. */
  readonly id: string;
  readonly config: ContainerConfig;
  /** Absolute paths of unpacked layers, topmost first. */
  readonly layers: readonly string[];
}

/** The images area, for the containers area. */
export interface ImageService {
  /**
   * By reference, id, short id or digest. Throws engine/not-found `No such image: x:latest`, also for one that is of
   * another platform (`os/architecture`) than wanted.
   */
  resolve(reference: string, platform?: string): RunnableImage;
  /** Makes an image of what a container wrote; gives its id and its name in short form, "" without one. */
  commit(
    request: CommitRequest,
    options: { readonly signal: AbortSignal },
  ): Promise<{ readonly id: string; readonly name: string }>;
}

/** What becomes an image. */
export interface CommitRequest {
  /** Id of the container's image. */
  readonly parent: string;
  /** The folder with what the container wrote; it is copied. */
  readonly upper: string;
  readonly container: string;
  /** How the container runs. */
  readonly containerConfig: ContainerConfig;
  /** What the image gets, before `changes`; the container's own where undefined. */
  readonly config: ContainerConfig | undefined;
  /** Dockerfile instructions. */
  readonly changes: readonly string[];
  readonly author: string;
  readonly comment: string;
  /** Repository and tag as the client wrote them, "" for none. */
  readonly repo: string;
  readonly tag: string;
}

/** A volume ready to be mounted. */
export interface VolumeRef {
  readonly name: string;
  readonly driver: string;
  /** The folder on the host, under the data root. */
  readonly mountpoint: string;
}

/** Volumes of a container that is being made: nothing removes them until its record counts as their user. */
export interface VolumeHold extends Disposable {
  /** Gives the named volume, made when it is absent; "" makes an anonymous one (64 hex). */
  ensure(
    name: string,
    options: {
      readonly labels?: Readonly<Record<string, string>>;
      readonly driver?: string;
      readonly driverOpts?: Readonly<Record<string, string>>;
    },
  ): Promise<VolumeRef>;
  /** Keeps one that is there. */
  keep(name: string): void;
}

/** How a container uses a volume, as events tell it. */
export interface VolumeUse {
  readonly container: string;
  readonly destination: string;
  readonly propagation: string;
  readonly writable: boolean;
}

/** The volumes area, for the containers area. */
export interface VolumeService {
  /** Begins to hold volumes; disposing lets go of them. */
  hold(): VolumeHold;
  /** Before a container that has it runs: its file system is there from then on. */
  mount(name: string, use: VolumeUse): Promise<void>;
  /** After its run: what no other running container has is unmounted. */
  unmount(name: string, container: string): Promise<void>;
  /** Removes an anonymous volume that nothing uses; others are left alone. */
  removeAnonymous(name: string): Promise<void>;
}

/** Who uses images, volumes and networks: answered by the containers area. */
export interface UsageService {
  /** Ids of containers made from the image; running ones only when asked. */
  containersOfImage(imageId: string, options: { readonly runningOnly: boolean }): readonly string[];
  containersOfVolume(name: string, options?: { readonly runningOnly: boolean }): readonly string[];
  containersOfNetwork(
    networkId: string,
  ): readonly { readonly id: string; readonly name: string; readonly running: boolean }[];
}

/** What a starting container asks of one network. */
export interface EndpointRequest {
  readonly containerId: string;
  readonly network: NetworkSpec;
  /** eth0, eth1 … in the order of connection; "" with host and none. */
  readonly ifname: string;
  /** Fixed addresses; "" = any free one of the network's families. */
  readonly address: string;
  readonly address6: string;
  /** "" = made from the address. */
  readonly mac: string;
  readonly names: readonly string[];
  readonly gatewayPriority: number;
}

/** The networks area, for the containers area: what networks exist and which addresses and ports are held by whom. */
export interface NetworkService {
  /** The side effects: bridges, rules, plans, name tables. */
  readonly driver: NetworkDriver;
  /** By full id, name or unique id prefix. Throws engine/not-found `network x not found`. */
  resolve(reference: string): NetworkSpec;
  /** Every network. */
  list(): readonly NetworkSpec[];
  /** Takes addresses for an endpoint; they are held until `release`. Throws when a fixed one is taken or outside the subnet. */
  allocateEndpoint(request: EndpointRequest): EndpointSpec;
  /** Takes host ports; held until `release`. All or none. Throws engine/port-taken `Bind for IP:PORT failed: port is already allocated`. */
  allocatePorts(containerId: string, requests: readonly PortRequest[], hostIp: string): readonly PortSpec[];
  /** Gives back what the container holds: one network's addresses, or everything with its ports when none is named. */
  release(containerId: string, networkId?: string): void;
  /** At the daemon's start: what a living container holds is marked as held again. */
  adopt(containerId: string, endpoints: readonly EndpointSpec[], ports: readonly PortSpec[]): void;
}

/** What the network routes need done to containers: answered by the containers area. */
export interface ContainerNetworking {
  /** Connects a container (id, prefix or name), live when it runs. Throws as Docker does (API sheet §2.4). */
  connect(
    container: string,
    request: { readonly network: NetworkSpec; readonly config: EndpointConfig },
    options: { readonly signal: AbortSignal },
  ): Promise<void>;
  disconnect(
    container: string,
    request: { readonly network: NetworkSpec; readonly force: boolean },
    options: { readonly signal: AbortSignal },
  ): Promise<void>;
  /** Running members with their endpoints, for network inspect. */
  members(networkId: string): readonly {
    readonly id: string;
    readonly name: string;
    readonly endpointId: string;
    readonly endpoint: EndpointSpec;
  }[];
}

/** One area as daemon.ts puts it together: each area's `create…` gives one, beside its service. */
export interface Area {
  readonly handlers: Handlers;
  /** Brings back what a crash, an upgrade or a reboot left. Called once, in the stages of areas.ts, before the API listens. */
  restore?(start: RestoreStart): Promise<void>;
  /** True while the engine must not leave for idleness: a container that runs or will be restarted, a long job. */
  isBusy?(): boolean;
  /** Its part of GET /info, for example `Containers`, `ContainersRunning`, `Images`. */
  info?(): Readonly<Record<string, unknown>> | Promise<Readonly<Record<string, unknown>>>;
  /** Lets go of timers, files and sockets; containers stay. Called in the reverse order of `restore`. */
  close?(): Promise<void>;
}

/** What an area is told when it restores. */
export interface RestoreStart {
  /** True when the host was booted since this engine last ran: nothing of the old run is left. */
  readonly rebooted: boolean;
  readonly signal: AbortSignal;
}
