// The whole create call of one replica, from the model and what the snapshot says. Pure.
import type { CreateContainerBody } from '../../api/containers.ts';
import type { Project } from '../../compose/model/project.ts';
import type { Service } from '../../compose/model/service.ts';
import { containerName, imageOf } from '../names.ts';
import { containerConfig } from './config.ts';
import { hostBasics } from './host.ts';
import { containerLabels, type ContainerIdentity } from './labels.ts';
import { containerLimits } from './limits.ts';
import { containerMounts, type AnonymousVolumes } from './mounts.ts';
import { endpoints, namespaces } from './networking.ts';
import { securityOptions } from './security.ts';

/** What one replica is made from beside its service. */
export interface ReplicaInput extends ContainerIdentity {
  readonly kept: AnonymousVolumes;
  /** Labels beside the usual ones. */
  readonly labels?: Readonly<Record<string, string>>;
}

/** The body of POST /containers/create. */
export function containerBody(project: Project, service: Service, input: ReplicaInput): CreateContainerBody {
  const name = containerName(project.name, service, input.number);
  return {
    ...containerConfig(service, imageOf(project.name, service)),
    Labels: { ...containerLabels(project, service, input), ...input.labels },
    HostConfig: {
      ...hostBasics(service),
      ...securityOptions(project.working_dir, service),
      ...containerLimits(service),
      ...namespaces(project, service),
      ...containerMounts(project, service, input.kept),
    },
    NetworkingConfig:
      service.network_mode === undefined ? { EndpointsConfig: endpoints(project, service, name) } : null,
  };
}
