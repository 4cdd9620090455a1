// Takes the snapshot that reconcile works on: a few list calls side by side, no call per container.
import type { ImageSummary, NetworkInspect, Volume } from '../api/objects.ts';
import type { Docker } from '../client/docker.ts';
import { isHttpError } from '../client/errors.ts';
import { sameImage } from './image-names.ts';
import { LABEL } from './labels.ts';
import { observedContainer, type Observed, type ObservedContainer, type ObservedResource } from './observed.ts';

/** What of the engine is looked at. */
export interface ObserveOptions {
  readonly signal?: AbortSignal | undefined;
  /** References of the images whose ids are wanted. */
  readonly images?: readonly string[];
  /** Default true. */
  readonly networks?: boolean;
  /** Default true. */
  readonly volumes?: boolean;
}

/** The snapshot of a project. */
export async function observe(docker: Docker, project: string, options: ObserveOptions = {}): Promise<Observed> {
  const abortSignal = options.signal;
  const references = [...new Set(options.images ?? [])];
  const [containers, networks, volumes, images] = await Promise.all([
    observeContainers(docker, project, options),
    options.networks === false ? [] : docker.listNetworks({ abortSignal }),
    options.volumes === false ? [] : docker.listVolumes({ abortSignal }).then((answer) => orEmpty(answer.Volumes)),
    references.length === 0 ? [] : docker.listImages({ abortSignal }),
  ]);
  return {
    apiVersion: docker.modem.apiVersion ?? '1.24',
    containers,
    networks: byName(networks.map(observedNetwork)),
    volumes: byName(volumes.map(observedVolume)),
    images: await findImages(docker, { references, images, abortSignal }),
  };
}

/** The containers of a project, one-offs included, oldest number first. */
export async function observeContainers(
  docker: Docker,
  project: string,
  options: { readonly signal?: AbortSignal | undefined } = {},
): Promise<readonly ObservedContainer[]> {
  const filters = { label: [`${LABEL.project}=${project}`] };
  const items = await docker.listContainers({ all: true, filters, abortSignal: options.signal });
  return items
    .filter((item) => LABEL.hash in item.Labels)
    .map(observedContainer)
    .sort((a, b) => compare(a.service, b.service) || a.number - b.number);
}

/** Engines written in Go send null for what is empty. */
function orNone(labels: Readonly<Record<string, string>> | null): Readonly<Record<string, string>> {
  return labels ?? {};
}

function orEmpty<T>(list: readonly T[] | null): readonly T[] {
  return list ?? [];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const observedNetwork = (network: NetworkInspect): ObservedResource => ({
  id: network.Id,
  name: network.Name,
  labels: orNone(network.Labels),
});

const observedVolume = (volume: Volume): ObservedResource => ({
  id: volume.Name,
  name: volume.Name,
  labels: orNone(volume.Labels),
});

function byName(resources: readonly ObservedResource[]): ReadonlyMap<string, ObservedResource> {
  return new Map(resources.map((resource) => [resource.name, resource]));
}

interface ImageQuestion {
  readonly references: readonly string[];
  readonly images: readonly ImageSummary[];
  readonly abortSignal: AbortSignal | undefined;
}

/** A reference the list does not explain is asked for by name: engines know more spellings (digests, short ids). */
async function findImages(docker: Docker, question: ImageQuestion): Promise<ReadonlyMap<string, string>> {
  const find = async (reference: string): Promise<readonly [string, string] | undefined> => {
    const listed = question.images.find((image) => sameImage(image, reference));
    const id = listed?.Id ?? (await inspectImage(docker, reference, question.abortSignal));
    return id === undefined ? undefined : [reference, id];
  };
  const found = await Promise.all(question.references.map(find));
  return new Map(found.filter((entry) => entry !== undefined));
}

async function inspectImage(
  docker: Docker,
  reference: string,
  abortSignal: AbortSignal | undefined,
): Promise<string | undefined> {
  try {
    return (await docker.getImage(reference).inspect({ abortSignal })).Id;
  } catch (error) {
    if (isHttpError(error, 404, 400)) return undefined;
    throw error;
  }
}
