// Makes an image of a container: it stands still meanwhile, unless that is not wanted.
import type { ContainerConfig } from '../../api/containers.ts';
import { isGantryError } from '../../base/error.ts';
import type { Container } from './container.ts';
import { emit, pathsOf, type Containers } from './context.ts';
import { pauseContainer, unpauseContainer } from './pause.ts';

/** What is asked of a commit. */
export interface CommitOptions {
  readonly repo: string;
  readonly tag: string;
  readonly author: string;
  readonly comment: string;
  readonly changes: readonly string[];
  readonly pause: boolean;
  /** In place of the container's configuration. */
  readonly config: ContainerConfig | undefined;
}

/** Commits; gives the image's id. Throws engine/bad-parameter for bad changes or names. */
export async function commitContainer(
  containers: Containers,
  container: Container,
  { pause, ...options }: CommitOptions,
  signal: AbortSignal,
): Promise<string> {
  const { record } = container;
  const request = {
    ...options,
    parent: record.imageId,
    upper: pathsOf(containers, container.id).upper,
    container: container.id,
    containerConfig: record.config,
  };
  const paused = pause && (await tryPause(containers, container));
  try {
    const { id, name } = await containers.images.commit(request, { signal });
    emit(containers, container, 'commit', { comment: options.comment, imageID: id, imageRef: name });
    return id;
  } finally {
    if (paused) await tryUnpause(containers, container);
  }
}

/** True when it runs and was made to stand still by this call. */
async function tryPause(containers: Containers, container: Container): Promise<boolean> {
  if (container.record.state.status !== 'running') return false;
  return await unlessRefused(pauseContainer(containers, container));
}

/** It may have ended meanwhile. */
async function tryUnpause(containers: Containers, container: Container): Promise<void> {
  await unlessRefused(unpauseContainer(containers, container));
}

async function unlessRefused(change: Promise<void>): Promise<boolean> {
  try {
    await change;
    return true;
  } catch (error) {
    if (isGantryError(error)) return false;
    throw error;
  }
}
