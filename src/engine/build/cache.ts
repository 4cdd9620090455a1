// The build cache: what a step made of an image, by a key of all it depends on. Rows name layers, so sweeping asks here.
import { createHash } from 'node:crypto';
import type { Database } from '../state/database.ts';
import { digestOf, type ImageConfig } from '../images/config.ts';
import type { StageImage } from './types.ts';

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
  /** Notes that steps were used, which keeps them. Those noted lately are not written again. */
  touch(keys: readonly string[]): void;
  /** Keys with the chains they hold, least recently used first. */
  rows(): readonly { readonly key: string; readonly chains: readonly string[] }[];
  remove(keys: readonly string[]): void;
  /** Another number as soon as any row came or went. */
  generation(): number;
}

/** A use is noted again after this long, ms: an order by the hour is enough to forget the oldest. */
const NOTED_FOR = 3_600_000;

/** The cache in an engine's database. */
export function buildCache(db: Database): BuildCache {
  let generation = 0;
  return {
    generation: () => generation,
    find: (key) => {
      const row = db.get('SELECT config, chains FROM build_steps WHERE key = ?', key);
      return row === undefined ? undefined : stepOf(String(row['config']), String(row['chains']));
    },
    put: (steps) => {
      if (steps.length > 0) generation += 1;
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
      const now = Date.now();
      const stale = keys.filter((key) => {
        const used = Number(db.get('SELECT used FROM build_steps WHERE key = ?', key)?.['used'] ?? now);
        return now - used > NOTED_FOR;
      });
      for (const key of stale) db.run('UPDATE build_steps SET used = ? WHERE key = ?', now, key);
    },
    rows: () =>
      db.all('SELECT key, chains FROM build_steps ORDER BY used, rowid').map((row) => ({
        key: String(row['key']),
        chains: chainsOf(String(row['chains'])),
      })),
    remove: (keys) => {
      if (keys.length > 0) generation += 1;
      for (const key of keys) db.run('DELETE FROM build_steps WHERE key = ?', key);
    },
  };
}

/** The row was written by `put`, from a configuration that had been checked. */
function stepOf(config: string, chains: string): StageImage {
  return { id: digestOf(config), config: JSON.parse(config) as ImageConfig, chains: chainsOf(chains) };
}

function chainsOf(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}

/** A key of everything a step depends on. The parent's id stands for its whole configuration and its layers. */
export function stepKey(parent: StageImage, parts: readonly string[]): string {
  // scratch has no id: its own key must not be that of any image
  const text = JSON.stringify([parent.id, parent.id === '' ? parent.config.architecture : '', ...parts]);
  return createHash('sha256').update(text).digest('hex');
}
