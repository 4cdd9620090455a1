// What every command of the containers area works with.
import { join } from 'node:path';
import type { EngineContext, ImageService, NetworkService, VolumeService } from '../services.ts';
import type { HostFacts } from '../shim/host-facts.ts';
import { engineCgroup } from '../shim/cgroup-root.ts';
import type { Zygote } from '../shim/zygote.ts';
import type { Container } from './container.ts';
import { shortId } from './record.ts';
import type { NameTables } from './name-tables.ts';
import type { ContainerStore } from './store.ts';

/** The area's surroundings. */
export interface Containers {
  readonly engine: EngineContext;
  readonly store: ContainerStore;
  readonly names: NameTables;
  readonly images: ImageService;
  readonly volumes: VolumeService;
  readonly networks: NetworkService;
  readonly zygote: Zygote;
  readonly facts: HostFacts;
  readonly commands: OwnedCommands;
}

/** What an end of a run may lead to. Handed in, since starting and removing need to know of ends themselves. */
export interface OwnedCommands {
  /** Starts a container that the caller owns. */
  start(container: Container): Promise<void>;
  /** Removes one that the caller owns, with its anonymous volumes. */
  remove(container: Container): Promise<void>;
}

/** Files and folders of one container. */
export interface ContainerPaths {
  /** Everything persistent of it. */
  readonly home: string;
  readonly upper: string;
  readonly work: string;
  readonly hosts: string;
  readonly hostname: string;
  readonly resolv: string;
  readonly log: string;
  /** The shim's sockets and exit record; gone when it has ended. */
  readonly run: string;
}

/** Where a container's things are. */
export function pathsOf({ engine }: Containers, id: string): ContainerPaths {
  const home = join(engine.paths.data, 'containers', id);
  return {
    home,
    upper: join(home, 'upper'),
    work: join(home, 'work'),
    hosts: join(home, 'hosts'),
    hostname: join(home, 'hostname'),
    resolv: join(home, 'resolv.conf'),
    log: join(home, `${id}-json.log`),
    run: join(engine.paths.run, 'c', shortId(id)),
  };
}

/** A container's cgroup path below each hierarchy. */
export function cgroupOf({ engine }: Containers, container: Container): string {
  const parent = container.record.host.CgroupParent || engineCgroup(engine.paths.tag);
  return join('/', parent, shortId(container.id));
}

/** Announces what happened to a container, with its labels, image and name as Docker has them. */
export function emit(
  { engine }: Containers,
  container: Container,
  action: string,
  extra: Readonly<Record<string, string>> = {},
): void {
  const { config, name } = container.record;
  const attributes = { ...(config.Labels ?? {}), image: config.Image ?? '', name, ...extra };
  engine.events.emit('container', action, { id: container.id, attributes });
}
