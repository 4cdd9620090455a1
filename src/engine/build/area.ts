// The builds of the engine, put together for the daemon. The builder itself is loaded when the first build comes.
import type { Containers } from '../containers/context.ts';
import type { ImageStore } from '../images/store.ts';
import type { Area, EngineContext } from '../services.ts';
import { buildCache } from './cache.ts';
import { contextMemo } from './context-memo.ts';
import type { serveBuild } from './serve.ts';
import type { BuildDeps, PullImage } from './types.ts';

/** What the area is made with. */
export interface BuildAreaDeps {
  readonly engine: EngineContext;
  readonly store: ImageStore;
  readonly containers: Containers;
  readonly pull: PullImage;
}

/** Makes the area. */
export function createBuilds(deps: BuildAreaDeps): Area {
  const all: BuildDeps = { ...deps, cache: buildCache(deps.engine.db), memo: contextMemo() };
  let builder: Promise<{ readonly serveBuild: typeof serveBuild }> | undefined;
  let running = 0;
  return {
    handlers: {
      imageBuild: async (request) => {
        const builds = await (builder ??= import('./serve.ts'));
        const answer = await builds.serveBuild(all, request);
        return {
          ...answer,
          write: async (out, signal) => {
            running += 1;
            try {
              await answer.write(out, signal);
            } finally {
              running -= 1;
            }
          },
        };
      },
      buildPrune: async () => {
        const { pruneCache } = await import('./cache-bound.ts');
        return { json: await pruneCache(all) };
      },
    },
    isBusy: () => running > 0,
  };
}
