// What the engine has of a project, as plain data: the input of reconcile. Nothing here calls anything.
import type { ContainerStatus, ContainerSummary } from '../api/containers.ts';
import { LABEL } from './labels.ts';

/** A container of the project. */
export interface ObservedContainer {
  readonly id: string;
  /** Without the leading slash. */
  readonly name: string;
  readonly service: string;
  /** 0 for one-offs. */
  readonly number: number;
  readonly oneoff: boolean;
  /** "" when the container has none. */
  readonly hash: string;
  readonly imageId: string;
  readonly state: ContainerStatus;
  /** Network name to network id, of the networks it is connected to. */
  readonly networks: Readonly<Record<string, string>>;
  readonly mounts: readonly ObservedMount[];
  readonly labels: Readonly<Record<string, string>>;
}

/** A mount of an observed container. */
export interface ObservedMount {
  readonly type: string;
  /** Name of a volume, "" for other mounts. */
  readonly name: string;
  readonly target: string;
}

/** A network or volume of the engine. */
export interface ObservedResource {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** One snapshot. */
export interface Observed {
  /** The engine's newest API version; decides what one create call can say. */
  readonly apiVersion: string;
  readonly containers: readonly ObservedContainer[];
  /** All networks of the engine, by name. */
  readonly networks: ReadonlyMap<string, ObservedResource>;
  /** All volumes of the engine, by name. */
  readonly volumes: ReadonlyMap<string, ObservedResource>;
  /** Id of the image each reference stands for; absent when the engine has none. */
  readonly images: ReadonlyMap<string, string>;
}

/** The container of a list answer. */
export function observedContainer(item: ContainerSummary): ObservedContainer {
  const networks = Object.entries(item.NetworkSettings.Networks).map(([name, at]) => [name, at.NetworkID] as const);
  return {
    id: item.Id,
    name: (item.Names[0] ?? item.Id).replace(/^\//, ''),
    service: item.Labels[LABEL.service] ?? '',
    number: Number(item.Labels[LABEL.number] ?? 0),
    oneoff: item.Labels[LABEL.oneoff]?.toLowerCase() === 'true',
    hash: item.Labels[LABEL.hash] ?? '',
    imageId: item.ImageID,
    state: item.State,
    networks: Object.fromEntries(networks),
    mounts: item.Mounts.map((mount) => ({ type: mount.Type, name: mount.Name ?? '', target: mount.Destination })),
    labels: item.Labels,
  };
}

/** True for states in which the container's process is there. */
export function isUp(container: ObservedContainer): boolean {
  return container.state === 'running' || container.state === 'restarting' || container.state === 'paused';
}
