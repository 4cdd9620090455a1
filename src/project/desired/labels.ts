// Labels of what the project creates. The user's labels win over nothing of the tool's own.
import type { Project } from '../../compose/model/project.ts';
import type { Service } from '../../compose/model/service.ts';
import { COMPOSE_VERSION, LABEL } from '../labels.ts';

/** What labels of a container say beside its service. */
export interface ContainerIdentity {
  readonly number: number;
  readonly hash: string;
  readonly imageId: string;
}

/** Labels of a service's container. */
export function containerLabels(
  project: Project,
  service: Service,
  identity: ContainerIdentity,
): Record<string, string> {
  return {
    ...service.labels,
    [LABEL.hash]: identity.hash,
    [LABEL.number]: String(identity.number),
    [LABEL.dependsOn]: dependsOnLabel(service),
    [LABEL.image]: identity.imageId,
    [LABEL.oneoff]: 'False',
    [LABEL.project]: project.name,
    [LABEL.configFiles]: project.compose_files.join(','),
    [LABEL.workingDir]: project.working_dir,
    [LABEL.service]: service.name,
    [LABEL.version]: COMPOSE_VERSION,
    ...(project.env_files.length === 0 ? {} : { [LABEL.environmentFile]: project.env_files.join(',') }),
  };
}

/** Labels of a network or volume; `key` is its key in the file. */
export function resourceLabels(
  project: Project,
  key: { readonly network: string } | { readonly volume: string },
  own: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const label = 'network' in key ? { [LABEL.network]: key.network } : { [LABEL.volume]: key.volume };
  return { ...own, ...label, [LABEL.project]: project.name, [LABEL.version]: COMPOSE_VERSION };
}

function dependsOnLabel(service: Service): string {
  return Object.entries(service.depends_on ?? {})
    .map(([name, dependency]) => `${name}:${dependency.condition}:${String(dependency.restart ?? false)}`)
    .join(',');
}
