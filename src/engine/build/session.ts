// One build while it runs: what it has made and holds. Its end commits what was completed and lets go of the rest.
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CachedStep } from './cache.ts';
import type { Context } from './context.ts';
import type { Dockerfile } from './dockerfile/types.ts';
import { commitPending } from '../images/pending.ts';
import type { ImageRecord } from '../images/records.ts';
import type { Progress } from './progress.ts';
import type { BaseName } from './context-memo.ts';
import type { BuildScope } from './scope.ts';
import type { BuildDeps, BuildRequest, StageImage } from './types.ts';

/** A finished stage. */
export interface DoneStage {
  readonly index: number;
  readonly name: string;
  readonly image: StageImage;
}

/** One build. */
export interface Session {
  readonly deps: BuildDeps;
  readonly request: BuildRequest;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly dockerfile: Dockerfile;
  /** Private folder, removed at the end. */
  readonly folder: string;
  readonly context: Context;
  readonly scope: BuildScope;
  readonly done: DoneStage[];
  /** Steps to remember, keys of steps that were remembered. */
  readonly fresh: CachedStep[];
  readonly hits: string[];
  /** Names of images that were looked up. */
  readonly bases: BaseName[];
  /** What is told, until the image is there, of a build that finds every step of this one in the cache. */
  readonly said: string[];
  /** True when what an address gave is in it, which may be something else next time. */
  isUrlRead: boolean;
  /** Chains that are pinned until the end. */
  readonly held: string[];
  /** Removals that no step has to wait for. */
  readonly removals: Promise<void>[];
  step: number;
  steps: number;
  folders: number;
}

/** Tells what a build from the cache would tell as well. */
export async function say(session: Session, text: string): Promise<void> {
  session.said.push(text);
  await session.progress.text(text);
}

/** A new folder within the build's own. */
export async function newFolder(session: Session, ...parts: readonly string[]): Promise<string> {
  session.folders += 1;
  const folder = join(session.folder, `${session.folders}`, ...parts);
  await mkdir(folder, { recursive: true, mode: 0o755 });
  return folder;
}

/** Keeps an image's layers from being swept while the build lasts. */
export function hold(session: Session, image: StageImage): void {
  session.deps.store.pins.add(...image.chains);
  session.held.push(...image.chains);
}

/** Writes the rows of what was made, with the new image's, if there is one. Called once, also after a failure. */
export async function commitSteps(session: Session, newImage: ImageRecord | undefined): Promise<void> {
  const { store, cache } = session.deps;
  if (session.fresh.length === 0 && newImage === undefined) {
    // nothing new: what was used may be forgotten in a crash
    cache.touch(session.hits);
    return;
  }
  const chains = session.fresh.flatMap(({ image }) => image.chains);
  await commitPending(store, [...new Set(chains)], () => {
    cache.put(session.fresh);
    cache.touch(session.hits);
    if (newImage !== undefined) store.records.putImage(newImage);
  });
}

/** Lets go of everything; what is not committed goes with the next sweep. */
export async function closeSession(session: Session): Promise<void> {
  const { store } = session.deps;
  for (const { status, ...result } of await Promise.allSettled(session.removals)) {
    if (status === 'rejected') session.deps.engine.log.error('a container of a build was not removed', { ...result });
  }
  store.pins.drop(...session.held);
  await session.context[Symbol.asyncDispose]();
  if (existsSync(session.folder)) await store.fs.remove([session.folder], {});
}
