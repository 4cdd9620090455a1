// What a build works with, declared once. No behaviour.
import type { HostConfig } from '../../api/containers.ts';
import type { Containers } from '../containers/context.ts';
import type { ImageConfig } from '../images/config.ts';
import type { ImageReference } from '../images/reference.ts';
import type { TransferLines } from '../images/transfer/progress.ts';
import type { ImageStore } from '../images/store.ts';
import type { EngineContext } from '../services.ts';
import type { BuildCache } from './cache.ts';
import type { ContextMemo } from './context-memo.ts';

/** Brings an image here that is not. */
export type PullImage = (
  reference: string,
  options: {
    readonly platform: string | undefined;
    /** `X-Registry-Config` as it came. */
    readonly credentials: string | undefined;
    readonly lines: TransferLines;
    readonly signal: AbortSignal;
  },
) => Promise<void>;

/** What the area is made with. */
export interface BuildDeps {
  readonly engine: EngineContext;
  readonly store: ImageStore;
  readonly containers: Containers;
  readonly cache: BuildCache;
  readonly pull: PullImage;
  readonly memo: ContextMemo;
}

/** POST /build, read and checked. */
export interface BuildRequest {
  /** Path of the Dockerfile within the context. */
  readonly dockerfile: string;
  /** URL of the context or of a lone Dockerfile; "" = the body. */
  readonly remote: string;
  readonly tags: readonly ImageReference[];
  readonly quiet: boolean;
  readonly noCache: boolean;
  /** Ask the registry even for images that are here. */
  readonly pull: boolean;
  /** Remove intermediate containers of steps that worked, and of those that failed. */
  readonly remove: boolean;
  readonly forceRemove: boolean;
  /** undefined as value: take none, as `--build-arg NAME` of a variable that is not set. */
  readonly buildArgs: ReadonlyMap<string, string | undefined>;
  readonly labels: Readonly<Record<string, string>>;
  readonly target: string;
  /** Limits, network and hosts for the containers of RUN. */
  readonly host: HostConfig;
  readonly cacheFrom: readonly string[];
  readonly platform: string | undefined;
  readonly credentials: string | undefined;
}

/** An image as far as a stage has come. Values; each step makes another one. */
export interface StageImage {
  /** The configuration's digest; "" for `scratch` before its first step. */
  readonly id: string;
  readonly config: ImageConfig;
  /** Lowest first. */
  readonly chains: readonly string[];
}
