// What GET /containers/json shows, newest first.
import type { ContainerSummary } from '../../api/containers.ts';
import type { Container } from './container.ts';
import { pathsOf, type Containers } from './context.ts';
import { containerSizes } from './folder-size.ts';
import { endpointSettings, mountPoint } from './inspect.ts';
import { selectContainers, type ListFilters } from './list-filters.ts';
import { portSummaries } from './ports.ts';
import { isAlive } from './record.ts';
import { statusText } from './status-text.ts';
import { milliseconds } from './time.ts';

/** Which are wanted. */
export interface ListOptions {
  /** Also those that do not run. */
  readonly all: boolean;
  /** The newest so many, in whatever state; 0 or less = all. */
  readonly limit: number;
  readonly size: boolean;
  readonly filters: ListFilters;
}

/** The list. Throws engine/bad-parameter for a bad filter value. */
export async function listContainers(
  containers: Containers,
  options: ListOptions,
): Promise<readonly ContainerSummary[]> {
  const every = options.all || options.limit > 0 || options.filters.has('status');
  const selected = selectContainers(containers, options.filters).filter(
    ({ record }) => every || isUp(record.state.status),
  );
  const limited = options.limit > 0 ? selected.slice(0, options.limit) : selected;
  return await Promise.all(limited.map(async (container) => summary(containers, container, options.size)));
}

function isUp(status: string): boolean {
  return status === 'running' || status === 'paused' || status === 'restarting';
}

async function summary(containers: Containers, container: Container, size: boolean): Promise<ContainerSummary> {
  const { record } = container;
  return {
    Id: record.id,
    Names: [`/${record.name}`],
    Image: record.config.Image ?? record.imageId,
    ImageID: record.imageId,
    Command: commandLine([...(record.config.Entrypoint ?? []), ...(record.config.Cmd ?? [])]),
    Created: Math.floor(milliseconds(record.created) / 1000),
    Ports: isAlive(record) ? portSummaries(record.config, record.ports) : [],
    Labels: record.config.Labels ?? {},
    State: record.state.status,
    Status: statusText(record, Date.now()),
    HostConfig: { NetworkMode: record.host.NetworkMode ?? 'bridge' },
    NetworkSettings: { Networks: endpointSettings(containers, record) },
    Mounts: record.mounts.filter((mount) => mount.Type !== 'tmpfs').map(mountPoint),
    ...(size ? await containerSizes(record, pathsOf(containers, record.id).upper) : {}),
  };
}

/** The words as Docker joins them: arguments with blanks in single quotes. */
function commandLine([path = '', ...args]: readonly string[]): string {
  return [path, ...args.map((word) => (word.includes(' ') ? `'${word}'` : word))].join(' ');
}
