// Answers about images: inspect, history, list. Reads rows, changes nothing.
import type { ContainerConfig } from '../../api/containers.ts';
import type { ImageInspect, ImageSummary } from '../../api/objects.ts';
import type { HistoryEntry } from './config.ts';
import { layerFolders } from './layers.ts';
import type { ImageRecord } from './records.ts';
import { ZERO_TIME, type ImageStore } from './store.ts';
import { namesOf } from './tag.ts';

/** Item of GET /images/{name}/history. */
export interface HistoryItem {
  readonly Id: string;
  /** Unix seconds. */
  readonly Created: number;
  readonly CreatedBy: string;
  readonly Tags: readonly string[] | null;
  readonly Size: number;
  readonly Comment: string;
}

/** Bytes of all layers of an image. */
export function imageSize(store: ImageStore, image: ImageRecord): number {
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
    Parent: '',
    Comment: config.comment ?? '',
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
  const tags = namesOf(store, image.id).tags;
  return items.reverse().map((item, index) => (index === 0 ? { ...item, Id: image.id, Tags: tags } : item));
}

/** Item of GET /images/json. `noneTags`: untagged images are called `<none>:<none>` (API below 1.43). */
export function summarizeImage(store: ImageStore, image: ImageRecord, noneTags: boolean): ImageSummary {
  const config = store.records.config(image);
  const { tags, digests } = namesOf(store, image.id);
  const untagged = tags.length === 0 && digests.length === 0 && noneTags;
  return {
    Id: image.id,
    ParentId: '',
    RepoTags: untagged ? ['<none>:<none>'] : tags,
    RepoDigests: untagged ? ['<none>@<none>'] : digests,
    Created: createdSeconds(config.created),
    Size: imageSize(store, image),
    SharedSize: -1,
    Labels: config.config?.Labels ?? {},
    Containers: -1,
  };
}
