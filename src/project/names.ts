// Names of a project's containers, as docker compose makes them. Networks and volumes carry theirs in the model.
import type { Service } from '../compose/model/service.ts';

/** The name of one replica; `number` counts from 1. */
export function containerName(project: string, service: Service, number: number): string {
  return service.container_name ?? `${project}-${service.name}-${number}`;
}

/** The name a container bears until the one it replaces is gone. */
export function temporaryName(oldId: string, finalName: string): string {
  return `${oldId.slice(0, 12)}_${finalName}`;
}

/** The image a service runs: its own name, or that of what it builds. */
export function imageOf(project: string, service: Service): string {
  return service.image ?? `${project}-${service.name}`;
}

/** How many containers a service should have. */
export function replicasOf(service: Service): number {
  return Math.max(0, service.scale ?? service.deploy?.replicas ?? 1);
}
