// How an image grows step by step: configuration, history and layers as Docker's classic builder writes them. Pure.
import { arch } from 'node:os';
import type { ContainerConfig } from '../../api/containers.ts';
import { VERSION } from '../../base/version.ts';
import { chainIds, digestOf, type HistoryEntry, type ImageConfig } from '../images/config.ts';
import type { LayerRecord } from '../images/records.ts';
import type { StageImage } from './types.ts';

const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };

/** This machine's architecture as images name it. */
export const ARCHITECTURE = ARCHITECTURES[arch()] ?? arch();

/** What commands of shell forms are given to unless SHELL says otherwise. */
const DEFAULT_SHELL = ['/bin/sh', '-c'] as const;

const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** One step's outcome. */
export interface StepChange {
  readonly config: ContainerConfig;
  readonly createdBy: string;
  readonly layer?: LayerRecord | undefined;
  readonly author?: string | undefined;
}

/** The empty image. */
export function scratch(): StageImage {
  const config = { architecture: ARCHITECTURE, config: {}, os: 'linux', rootfs: { type: 'layers', diff_ids: [] } };
  return { id: '', config: config as ImageConfig, chains: [] };
}

/** An image that is here, as a stage's first. */
export function stageOf(id: string, config: ImageConfig): StageImage {
  return { id, config, chains: chainIds(config.rootfs.diff_ids) };
}

/** The image after a step. */
export function grow(image: StageImage, change: StepChange, created: string): StageImage {
  const { config: before } = image;
  const { layer } = change;
  const author = change.author ?? before.author;
  const entry: HistoryEntry = {
    created,
    created_by: change.createdBy,
    ...(author === undefined ? {} : { author }),
    ...(layer === undefined ? { empty_layer: true } : {}),
  };
  const diffIds = [...before.rootfs.diff_ids, ...(layer === undefined ? [] : [layer.diffId])];
  const config: ImageConfig = {
    architecture: before.architecture,
    ...(before.variant === undefined ? {} : { variant: before.variant }),
    ...(author === undefined ? {} : { author }),
    config: change.config,
    created,
    docker_version: VERSION,
    history: [...(before.history ?? []), entry],
    os: before.os,
    rootfs: { type: 'layers', diff_ids: diffIds },
  };
  const chains = layer === undefined ? image.chains : [...image.chains, layer.chain];
  return { id: digestOf(JSON.stringify(config)), config, chains };
}

/** What a stage's steps start from: the image's own, with a PATH when it has none. */
export function runConfigOf(image: StageImage): ContainerConfig {
  const config = image.config.config ?? {};
  const env = config.Env ?? [];
  const hasPath = env.some((entry) => entry.startsWith('PATH='));
  return { ...config, Env: hasPath ? env : [...env, DEFAULT_PATH] };
}

/** The shell of a configuration. */
export function shellOf(config: ContainerConfig): readonly string[] {
  return config.Shell ?? DEFAULT_SHELL;
}

/** How the history names a step that runs nothing. */
export function nopText(config: ContainerConfig, comment: string): string {
  return [...shellOf(config), `#(nop) ${comment}`].join(' ');
}
