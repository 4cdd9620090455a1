// Small values of the engine itself: its id, the boot it last ran in.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Database } from './database.ts';

/** Single values by name, kept in the database. */
export interface Settings {
  get(key: string): string | undefined;
  set(key: string, value: string): void;
}

/** The settings table. */
export function createSettings(db: Database): Settings {
  return {
    get: (key) => db.get('SELECT value FROM settings WHERE key = ?', key)?.['value'] as string | undefined,
    set: (key, value) =>
      db.run('INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value', key, value),
  };
}

/** The engine's id for GET /info, made once. */
export function engineId(settings: Settings): string {
  const known = settings.get('engine-id');
  if (known !== undefined) return known;
  const made = randomUUID();
  settings.set('engine-id', made);
  return made;
}

/** The kernel's id of this boot. */
export function currentBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

/** Notes the boot this engine runs in; true when its last run was in another one. */
export function noteBoot(settings: Settings, bootId: string): boolean {
  const before = settings.get('boot-id');
  if (before !== bootId) settings.set('boot-id', bootId);
  return before !== undefined && before !== bootId;
}
