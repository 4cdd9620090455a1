// The configuration of an image: OCI's JSON with docker's additions. Its sha256 is the image's id.
import { createHash } from 'node:crypto';
import type { ContainerConfig } from '../../api/containers.ts';
import { GantryError } from '../../base/error.ts';
import { CONFIG_SHAPE } from '../http/config-shape.ts';
import { checkShape, type Shape } from '../http/shape.ts';
import { isDigest } from './reference.ts';

/** One step of an image's history. */
export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly author?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

/** The configuration as it is stored. */
export interface ImageConfig {
  readonly architecture: string;
  readonly os: string;
  readonly variant?: string;
  readonly author?: string;
  readonly created?: string;
  readonly comment?: string;
  readonly docker_version?: string;
  /** With an image of a container: its id, and how it ran. */
  readonly container?: string;
  readonly container_config?: ContainerConfig;
  readonly config?: ContainerConfig | null;
  readonly history?: readonly HistoryEntry[];
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] };
}

/** Cap on the JSON of a configuration. */
export const MAX_CONFIG = 8 * 1024 * 1024;
/** As deep as Docker lets an image be. */
export const MAX_LAYERS = 127;

const SHAPE: Shape = {
  fields: {
    ...{ architecture: 'text', os: 'text', variant: 'text', author: 'text', created: 'text', comment: 'text' },
    ...{ docker_version: 'text', container: 'text', config: CONFIG_SHAPE, container_config: CONFIG_SHAPE },
    history: [
      { fields: { created: 'text', created_by: 'text', author: 'text', comment: 'text', empty_layer: 'flag' } },
    ],
    rootfs: { fields: { type: 'text', diff_ids: ['text'] } },
  },
};

/** `sha256:` of some bytes. */
export function digestOf(data: string | Uint8Array): string {
  return `sha256:${createHash('sha256').update(data).digest('hex')}`;
}

/** The chain ids of a list of diff ids: what a stack of layers is known by, lowest first. */
export function chainIds(diffIds: readonly string[]): string[] {
  const chains: string[] = [];
  for (const diffId of diffIds) {
    const below = chains.at(-1);
    chains.push(below === undefined ? diffId : digestOf(`${below} ${diffId}`));
  }
  return chains;
}

/** Reads a configuration and checks what is relied on. Throws engine/bad-parameter. */
export function parseImageConfig(text: string): ImageConfig {
  if (text.length > MAX_CONFIG) throw bad('is larger than 8 MiB');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GantryError('engine/bad-parameter', 'invalid image configuration: not JSON', { cause });
  }
  if (!isImageConfig(value)) throw bad('has no layers, architecture or os');
  checkShape(value, SHAPE, 'image configuration');
  const { history, rootfs } = value;
  if (rootfs.diff_ids.length > MAX_LAYERS) throw bad(`has more than ${MAX_LAYERS} layers: max depth exceeded`);
  const filled = (history ?? []).filter((step) => step.empty_layer !== true).length;
  if (filled > rootfs.diff_ids.length) throw bad('has too many non-empty layers in its history');
  return value;
}

function isImageConfig(value: unknown): value is ImageConfig {
  if (typeof value !== 'object' || value === null || !('rootfs' in value)) return false;
  const { rootfs } = value;
  if (typeof rootfs !== 'object' || rootfs === null || !('diff_ids' in rootfs)) return false;
  const diffIds = rootfs.diff_ids;
  return (
    'architecture' in value &&
    typeof value.architecture === 'string' &&
    'os' in value &&
    typeof value.os === 'string' &&
    Array.isArray(diffIds) &&
    diffIds.every((id: unknown) => typeof id === 'string' && isDigest(id))
  );
}

function bad(what: string): GantryError {
  return new GantryError('engine/bad-parameter', `invalid image configuration: it ${what}`);
}
