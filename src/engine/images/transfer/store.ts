// What pulls and pushes of one engine share: the image store, places for transfers at the same time, and where layers are
// known to lie in registries.
import type { Env } from '../../../base/env.ts';
import { Semaphore } from '../../../base/semaphore.ts';
import type { ImageStore } from '../store.ts';

/** The shared parts, made once per engine. */
export interface TransferStore {
  readonly store: ImageStore;
  /** The engine's environment: proxies, settings folder, certificate authorities. */
  readonly env: Env;
  /** Layers fetched at a time, as docker's default. */
  readonly downloads: Semaphore;
  /** Layers sent at a time, as docker's default. */
  readonly uploads: Semaphore;
}

/** A blob that lies in a repository: the packed form of a layer. */
export interface LayerSource {
  readonly digest: string;
  /** Bytes as packed. */
  readonly size: number;
  readonly domain: string;
  readonly path: string;
}

const DOWNLOADS = 3;
const UPLOADS = 5;
/** Repositories that are remembered for one layer, the latest first. */
const MAX_SOURCES = 50;

/** The parts for a store. */
export function transferStore(store: ImageStore, env: Env): TransferStore {
  return { store, env, downloads: new Semaphore(DOWNLOADS), uploads: new Semaphore(UPLOADS) };
}

/** Repositories that have a layer, the latest first. */
export function sourcesOf({ context }: ImageStore, diffId: string): readonly LayerSource[] {
  const rows = context.db.all(
    'SELECT digest, size, domain, path FROM layer_sources WHERE diff_id = ? ORDER BY noted DESC LIMIT ?',
    diffId,
    MAX_SOURCES,
  );
  return rows.map(({ digest, size, domain, path }) => ({
    digest: String(digest),
    size: Number(size),
    domain: String(domain),
    path: String(path),
  }));
}

/** Remembers that a repository has a layer. */
export function noteSource({ context }: ImageStore, diffId: string, source: LayerSource): void {
  context.db.run(
    'INSERT OR REPLACE INTO layer_sources (diff_id, digest, size, domain, path, noted) VALUES (?, ?, ?, ?, ?, ?)',
    diffId,
    source.digest,
    source.size,
    source.domain,
    source.path,
    Date.now(),
  );
}

/** Forgets layers that are no longer here. */
export function dropSources({ context }: ImageStore, diffIds: readonly string[]): void {
  for (const diffId of diffIds) context.db.run('DELETE FROM layer_sources WHERE diff_id = ?', diffId);
}
