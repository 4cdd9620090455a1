// Which containers a verb means: those of the named services, checked against what is there and, if need be, the files.
import { GantryError } from '../base/error.ts';
import type { Project } from '../compose/model/project.ts';
import { isUp, type ObservedContainer } from '../project/observed.ts';
import { observeContainers } from '../project/observe.ts';
import type { Context } from './context.ts';
import { integerOf } from './flags.ts';

/** The containers of a project that are meant. */
export interface Selection {
  /** The project's name. */
  readonly name: string;
  readonly containers: readonly ObservedContainer[];
}

/** The containers of the named services, of all when none is named; one-offs only when asked. Files are read only for a service without container. */
export async function selectContainers(
  context: Context,
  services: readonly string[],
  options: { readonly oneoffs?: boolean } = {},
): Promise<Selection> {
  const [docker, name] = await Promise.all([context.docker(), context.projectName()]);
  const all = await observeContainers(docker, name, { signal: context.interrupts.signal });
  const present = new Set(all.map((container) => container.service));
  if (!services.every((service) => present.has(service))) checkServices(services, await context.projectIfAny(), all);
  const wanted = all.filter((container) => services.length === 0 || services.includes(container.service));
  return { name, containers: options.oneoffs === true ? wanted : wanted.filter((container) => !container.oneoff) };
}

/** Which replica is meant. */
export interface ReplicaFlags {
  readonly index?: string;
}

/** The number of `--index`; undefined when it was not given. Throws usage/invalid-flag. */
export function replicaNumber({ index }: ReplicaFlags): number | undefined {
  return index === undefined ? undefined : integerOf('--index', index, 1);
}

/** The one running container of a service that a command goes to. */
export async function selectOne(
  context: Context,
  service: string,
  { oneoffs = false, ...flags }: ReplicaFlags & { readonly oneoffs?: boolean },
): Promise<ObservedContainer> {
  const number = replicaNumber(flags);
  const { containers } = await selectContainers(context, [service], { oneoffs });
  return pickContainer(containers, service, number);
}

/** Throws compose/unknown-service for a name that neither files nor containers know. */
export function checkServices(
  services: readonly string[],
  project: Project | undefined,
  containers: readonly ObservedContainer[],
): void {
  const known = new Set([
    ...Object.keys(project?.services ?? {}),
    ...Object.keys(project?.disabled_services ?? {}),
    ...containers.map((container) => container.service),
  ]);
  for (const service of services) {
    if (known.has(service)) continue;
    throw new GantryError('compose/unknown-service', `no such service: ${service}`, {
      hint: known.size === 0 ? 'the project has no services' : `services: ${[...known].sort().join(', ')}`,
    });
  }
}

/** The one running container of a service that a command goes to: by index, else the lowest number, one-offs last. */
export function pickContainer(
  containers: readonly ObservedContainer[],
  service: string,
  index?: number,
): ObservedContainer {
  const own = containers.filter((container) => container.service === service && isUp(container));
  const ranked = own.toSorted((a, b) => Number(a.oneoff) - Number(b.oneoff) || a.number - b.number);
  const found =
    index === undefined ? ranked[0] : ranked.find((container) => container.number === index && !container.oneoff);
  if (found !== undefined) return found;
  const which = index === undefined ? '' : ` container #${index}`;
  throw new GantryError('compose/unknown-service', `service "${service}" is not running${which}`, {
    hint: `gantry up -d ${service}`,
  });
}
