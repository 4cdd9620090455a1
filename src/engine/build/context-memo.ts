// What earlier builds found in a context of the very same bytes: a build that changed nothing needs no file of it.
import type { Found } from '../gantry-fs.ts';

/** How a build went. */
export interface Replay {
  /** Names that were looked up, with the ids of the images they led to. */
  readonly bases: readonly BaseName[];
  /** Of the build cache: as long as it is the same, all its rows are. */
  readonly generation: number;
  readonly hits: readonly string[];
  readonly said: readonly string[];
  readonly image: string;
}

/** A name that a build looked up. */
export interface BaseName {
  readonly name: string;
  readonly id: string;
}

/** What is known of one context. */
export interface KnownContext {
  dockerfile(name: string, read: () => Promise<string>): Promise<string>;
  found(patterns: readonly string[], find: () => Promise<readonly Found[]>): Promise<readonly Found[]>;
  /** How builds of it went, by their options. */
  readonly replays: Map<string, Replay>;
}

/** The contexts of late, by the digest of their bytes. */
export interface ContextMemo {
  of(digest: string): KnownContext;
}

const MAX_CONTEXTS = 64;
/** A longer Dockerfile is read anew. */
const MAX_WORDS = 64 * 1024;
/** Findings, Dockerfiles and builds remembered of one context; a build with more of them finds the rest again. */
export const MAX_ENTRIES = 200;

/** Remembers the last contexts of an engine, in memory. */
export function contextMemo(): ContextMemo {
  const all = new Map<string, KnownContext>();
  return {
    of: (digest) => {
      const known = all.get(digest) ?? {
        dockerfile: remembering<string>((words) => words.length <= MAX_WORDS),
        found: byPatterns(),
        replays: new Map<string, Replay>(),
      };
      all.delete(digest);
      all.set(digest, known);
      const [oldest] = all.keys();
      if (all.size > MAX_CONTEXTS && oldest !== undefined) all.delete(oldest);
      return known;
    },
  };
}

function byPatterns(): KnownContext['found'] {
  const remember = remembering<readonly Found[]>();
  return async (patterns, find) => await remember(JSON.stringify(patterns), find);
}

function remembering<T>(fits: (made: T) => boolean = () => true): (key: string, make: () => Promise<T>) => Promise<T> {
  const values = new Map<string, T>();
  return async (key, make) => {
    const known = values.get(key);
    if (known !== undefined) return known;
    const made = await make();
    if (values.size < MAX_ENTRIES && fits(made)) values.set(key, made);
    return made;
  };
}
