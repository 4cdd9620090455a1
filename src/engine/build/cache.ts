// The build cache: what a step made of an image, by a key of all it depends on. Rows name layers, so sweeping asks here.
import { createHash } from 'node:crypto';
import type { Database } from '../state/database.ts';
import { parseImageConfig } from '../images/config.ts';
import type { StageImage } from './types.ts';
import { stageOf } from './stage-image.ts';

/** A remembered step. */
export interface CachedStep {
  readonly key: string;
  readonly image: StageImage;
}

/** The table of remembered steps. */
export interface BuildCache {
  /** What the step made last time; counts as use. */
  find(key: string): StageImage | undefined;
  /** Within a transaction that writes the rows of its layers. */
  put(steps: readonly CachedStep[]): void;
  /** Notes that steps were used, which keeps them. */
  touch(keys: readonly string[]): void;
  /** Keys with the chains they hold, least recently used first. */
  rows(): readonly { readonly key: string; readonly chains: readonly string[] }[];
  remove(keys: readonly string[]): void;
}

/** The cache in an engine's database. */
export function buildCache(db: Database): BuildCache {
  return {
    find: (key) => {
      const row = db.get('SELECT config FROM build_steps WHERE key = ?', key);
      if (row === undefined) return undefined;
      const text = String(row['config']);
      return stageOf(`sha256:${createHash('sha256').update(text).digest('hex')}`, parseImageConfig(text));
    },
    put: (steps) => {
      for (const { key, image } of steps) {
        db.run(
          'INSERT OR REPLACE INTO build_steps (key, config, chains, used) VALUES (?, ?, ?, ?)',
          key,
          JSON.stringify(image.config),
          image.chains.join(' '),
          Date.now(),
        );
      }
    },
    touch: (keys) => {
      for (const key of keys) db.run('UPDATE build_steps SET used = ? WHERE key = ?', Date.now(), key);
    },
    rows: () =>
      db.all('SELECT key, chains FROM build_steps ORDER BY used, rowid').map((row) => ({
        key: String(row['key']),
        chains: String(row['chains'])
          .split(' ')
          .filter((chain) => chain !== ''),
      })),
    remove: (keys) => {
      for (const key of keys) db.run('DELETE FROM build_steps WHERE key = ?', key);
    },
  };
}

/** A key of everything a step depends on. The parent's id stands for its whole configuration and its layers. */
export function stepKey(parent: StageImage, parts: readonly string[]): string {
  // scratch has no id: its own key must not be that of any image
  const text = JSON.stringify([parent.id, parent.id === '' ? parent.config.architecture : '', ...parts]);
  return createHash('sha256').update(text).digest('hex');
}
