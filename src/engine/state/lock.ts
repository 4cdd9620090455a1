// The single-instance lock: Node has no flock, so an exclusively locked SQLite file stands for it. The kernel drops it
// when the process ends, also by SIGKILL.
import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { GantryError } from '../../base/error.ts';

/** A held lock. */
export interface Lock {
  release(): void;
}

/** Locks a folder for this process. Throws engine/already-running when another process holds it. */
export function lockFolder(folder: string): Lock {
  const db = new DatabaseSync(join(folder, 'lock.db'));
  try {
    db.exec('PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    db.close();
    throw new GantryError('engine/already-running', `another engine uses ${folder}`, {
      hint: 'GANTRY_DATA and GANTRY_RUN choose other folders for a second engine',
      cause,
    });
  }
  return { release: () => db.close() };
}
