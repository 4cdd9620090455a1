// Answers about images: inspect, history, list. Reads rows, changes nothing.
import type { ContainerConfig } from '../../api/containers.ts';
import type { HistoryItem, ImageInspect, ImageSummary } from '../../api/objects.ts';
import type { HistoryEntry } from './config.ts';
import { layerFolders } from './layers.ts';
import type { ImageRecord } from './records.ts';
import { ZERO_TIME, type ImageStore } from './store.ts';
import { namesOf } from './tag.ts';

/** Bytes of all layers of an image. */
function imageSize(store: ImageStore, image: ImageRecord): number {
  return image.chains.reduce((sum, chain) => sum + (store.records.layer(chain)?.size ?? 0), 0);
}

/** Unix seconds of an image's creation; 0 when it does not say. */
export function createdSeconds(time: string | undefined): number {
  const ms = Date.parse(time ?? '');
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1000);
}

/** Answer of GET /images/{name}/json. */
export function inspectImage(store: ImageStore, image: ImageRecord): ImageInspect {
  const config = store.records.config(image);
  const { tags, digests } = namesOf(store, image.id);
  const size = imageSize(store, image);
  return {
    Id: image.id,
    RepoTags: tags,
    RepoDigests: digests,
    Parent: parentOf(store, image)?.id ?? '',
    Comment: config.comment || (config.history?.at(-1)?.comment ?? ''),
    Created: config.created ?? ZERO_TIME,
    DockerVersion: config.docker_version ?? '',
    Author: config.author ?? '',
    Config: fullConfig(config.config ?? {}),
    Architecture: config.architecture,
    ...(config.variant === undefined ? {} : { Variant: config.variant }),
    Os: config.os,
    Size: size,
    VirtualSize: size,
    GraphDriver: graphDriver(store, config.rootfs.diff_ids),
    RootFS: { Type: 'layers', Layers: config.rootfs.diff_ids },
    Metadata: { LastTagTime: image.taggedAt },
  };
}

/** Clients read these without asking whether they are there. */
function fullConfig(config: ContainerConfig): ContainerConfig {
  return {
    Env: null,
    Cmd: null,
    Volumes: null,
    WorkingDir: '',
    Entrypoint: null,
    OnBuild: null,
    Labels: null,
    ...config,
  };
}

function graphDriver(store: ImageStore, diffIds: readonly string[]): ImageInspect['GraphDriver'] {
  const [upper, ...lower] = layerFolders(store.folders, diffIds);
  if (upper === undefined) return { Name: 'overlay2', Data: null };
  return {
    Name: 'overlay2',
    Data: { ...(lower.length > 0 ? { LowerDir: lower.join(':') } : {}), UpperDir: upper },
  };
}

/** Answer of GET /images/{name}/history, newest step first. */
export function imageHistory(store: ImageStore, image: ImageRecord): HistoryItem[] {
  const config = store.records.config(image);
  const sizes = image.chains.map((chain) => store.records.layer(chain)?.size ?? 0);
  const steps: readonly HistoryEntry[] = config.history ?? sizes.map(() => ({}));
  const items = steps.map((step) => ({
    Id: '<missing>',
    Created: createdSeconds(step.created),
    CreatedBy: step.created_by ?? '',
    Tags: null,
    Size: step.empty_layer === true ? 0 : (sizes.shift() ?? 0),
    Comment: step.comment ?? '',
  }));
  // the newest steps are known by the images they made, as far back as these are here
  const made = lineage(store, image, items.length);
  return items.reverse().map((item, index) => {
    const known = made[index];
    if (known === undefined) return item;
    const { tags } = namesOf(store, known.id);
    return { ...item, Id: known.id, Tags: tags.length === 0 ? null : tags };
  });
}

function parentOf(store: ImageStore, { parent }: ImageRecord): ImageRecord | undefined {
  const found = parent === undefined ? undefined : store.records.image(parent);
  return found?.hidden === true ? undefined : found;
}

/** The image and those it was made of, as far as they are here. */
function lineage(store: ImageStore, image: ImageRecord, most: number): ImageRecord[] {
  const found: ImageRecord[] = [];
  for (let at: ImageRecord | undefined = image; at !== undefined && found.length < most; at = parentOf(store, at)) {
    found.push(at);
  }
  return found;
}

/** Item of GET /images/json. `noneTags`: untagged images are called `<none>:<none>` (API below 1.43). */
export function summarizeImage(store: ImageStore, image: ImageRecord, noneTags: boolean): ImageSummary {
  const config = store.records.config(image);
  const { tags, digests } = namesOf(store, image.id);
  const untagged = tags.length === 0 && digests.length === 0 && noneTags;
  return {
    Id: image.id,
    ParentId: parentOf(store, image)?.id ?? '',
    RepoTags: untagged ? ['<none>:<none>'] : tags,
    RepoDigests: untagged ? ['<none>@<none>'] : digests,
    Created: createdSeconds(config.created),
    Size: imageSize(store, image),
    SharedSize: -1,
    Labels: config.config?.Labels ?? {},
    Containers: -1,
  };
}
