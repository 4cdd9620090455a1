// A container's configuration: the request's over the image's, by Docker's rules of inheritance.
import type { ContainerConfig, CreateContainerBody, HealthConfig, Maybe } from '../../../api/containers.ts';
import { GantryError } from '../../../base/error.ts';

/** Merges; `image` is the reference as the client gave it. Throws engine/bad-parameter when nothing is left to run. */
export function mergeConfig(body: CreateContainerBody, image: ContainerConfig): ContainerConfig {
  const own = containerPart(body);
  const command = mergeCommand(own, image);
  if (command.Entrypoint.length + command.Cmd.length === 0)
    throw new GantryError('engine/bad-parameter', 'no command specified');
  const health = mergeHealth(own.Healthcheck, image.Healthcheck);
  return {
    ...own,
    User: own.User || image.User || '',
    ExposedPorts: normalizePorts({ ...image.ExposedPorts, ...own.ExposedPorts }),
    Env: mergeEnvironment(own.Env ?? [], image.Env ?? []),
    Entrypoint: command.Entrypoint.length === 0 ? null : command.Entrypoint,
    Cmd: command.Cmd.length === 0 ? null : command.Cmd,
    Labels: { ...image.Labels, ...own.Labels },
    Volumes: { ...image.Volumes, ...own.Volumes },
    WorkingDir: own.WorkingDir || image.WorkingDir || '',
    StopSignal: own.StopSignal || image.StopSignal || '',
    Shell: own.Shell ?? image.Shell ?? null,
    ...(health === undefined ? {} : { Healthcheck: health }),
  };
}

/** The request without what is about the host and its networks. */
function containerPart(body: CreateContainerBody): ContainerConfig {
  const entries = Object.entries(body).filter(([key]) => key !== 'HostConfig' && key !== 'NetworkingConfig');
  return Object.fromEntries(entries);
}

/** A list of words; clients may send one plain string. */
export function words(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.map(String) : [];
}

/** An entrypoint of the request drops the image's command; `[""]` drops the image's entrypoint. */
function mergeCommand(
  own: ContainerConfig,
  image: ContainerConfig,
): { Entrypoint: readonly string[]; Cmd: readonly string[] } {
  const entrypoint = words(own.Entrypoint);
  const cmd = words(own.Cmd);
  if (entrypoint.length === 1 && entrypoint[0] === '') return { Entrypoint: [], Cmd: cmd };
  if (entrypoint.length > 0) return { Entrypoint: entrypoint, Cmd: cmd };
  return { Entrypoint: words(image.Entrypoint), Cmd: cmd.length > 0 ? cmd : words(image.Cmd) };
}

/** The request's entries, then those of the image that it does not name. */
function mergeEnvironment(own: readonly string[], image: readonly string[]): readonly string[] {
  const nameOf = (entry: string): string => entry.split('=', 1)[0] ?? '';
  const named = new Set(own.map(nameOf));
  return [...own, ...image.filter((entry) => !named.has(nameOf(entry)))];
}

function normalizePorts(ports: Readonly<Record<string, object>>): Readonly<Record<string, object>> {
  return Object.fromEntries(Object.keys(ports).map((port) => [port.includes('/') ? port : `${port}/tcp`, {}]));
}

function mergeHealth(own: Maybe<HealthConfig>, image: Maybe<HealthConfig>): HealthConfig | undefined {
  if (own === null || own === undefined) return image ?? undefined;
  if (image === null || image === undefined) return own;
  const given = Object.entries(own).filter(([, value]) => value !== null && value !== 0 && !isEmptyList(value));
  return { ...image, ...(Object.fromEntries(given) as HealthConfig) };
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
