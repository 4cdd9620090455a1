// The part of `up` for networks and volumes: make what is missing, use what is there. Pure.
import { GantryError } from '../base/error.ts';
import type { Project } from '../compose/model/project.ts';
import { networkBody, volumeBody } from './desired/resources.ts';
import { LABEL } from './labels.ts';
import type { Observed, ObservedResource } from './observed.ts';
import { OP } from './operation-ids.ts';
import type { PlanBuilder } from './plan.ts';

const PREDEFINED: ReadonlySet<string> = new Set(['bridge', 'host', 'none']);

/** Adds the creation of all missing networks and volumes. Throws project/operation-failed for a missing external one. */
export function reconcileResources(plan: PlanBuilder, project: Project, observed: Observed): void {
  for (const [key, network] of Object.entries(project.networks)) {
    const found = observed.networks.get(network.name);
    if (network.external === true) needExternal('network', network.name, found ?? PREDEFINED.has(network.name));
    else if (found === undefined) {
      const action = { kind: 'create-network', name: network.name, body: networkBody(project, key, network) } as const;
      plan.add({ id: OP.createNetwork(network.name), action, cause: 'it does not exist', needs: [], service: '' });
    } else if (found.labels[LABEL.network] !== key) warnForeign(plan, 'Network', found);
  }
  for (const [key, volume] of Object.entries(project.volumes)) {
    const found = observed.volumes.get(volume.name);
    if (volume.external === true) needExternal('volume', volume.name, found !== undefined);
    else if (found === undefined) {
      const action = { kind: 'create-volume', name: volume.name, body: volumeBody(project, key, volume) } as const;
      plan.add({ id: OP.createVolume(volume.name), action, cause: 'it does not exist', needs: [], service: '' });
    } else if (found.labels[LABEL.project] !== project.name) warnForeign(plan, 'Volume', found);
  }
}

function needExternal(kind: string, name: string, found: unknown): void {
  if (found === false || found === undefined) {
    throw new GantryError('project/operation-failed', `${kind} ${name} declared as external, but could not be found`, {
      hint: `make it first, or take "external: true" away`,
    });
  }
}

function warnForeign(plan: PlanBuilder, kind: string, found: ObservedResource): void {
  const owner = found.labels[LABEL.project];
  const whose = owner === undefined ? 'was not created by a compose tool' : `belongs to project "${owner}"`;
  plan.notice({
    id: `${kind} ${found.name}`,
    text: `exists already and ${whose}; "external: true" says that this is meant`,
    warning: true,
  });
}
