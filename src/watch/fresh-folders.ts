// Folders that are new: what came into them before they were watched is told by no event, so they are looked through
// again a little later. Only what no event told of since is told.
import type { Stats } from 'node:fs';
import { lstat, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What a look through a folder leads to. */
export interface FreshInput {
  /** Events of this folder do not come: it must be watched anew. */
  readonly deaf: (folder: string) => void;
  /** A path that no event told of. */
  readonly missed: (path: string, stats: Stats) => void;
}

/** When a new folder is looked through, ms after it was told. */
const LOOKS = [60, 500];
/** Times of files may lag behind the clock by a tick of the kernel, ms. */
const TICK = 20;

/** Keeps the folders that are new. */
export class FreshFolders {
  readonly #input: FreshInput;
  /** By folder: when each of its paths was told of last. */
  readonly #told = new Map<string, Map<string, number>>();
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(input: FreshInput) {
    this.#input = input;
  }

  /** A folder appeared. */
  add(folder: string): void {
    if (this.#told.has(folder)) return;
    this.#told.set(folder, new Map());
    for (const [index, delay] of LOOKS.entries()) {
      const timer = setTimeout(() => {
        this.#timers.delete(timer);
        void this.#look(folder).then(() => {
          if (index === LOOKS.length - 1) this.#told.delete(folder);
        });
      }, delay);
      this.#timers.add(timer);
    }
  }

  /** An event told of this path. */
  told(path: string): void {
    this.#told.get(dirname(path))?.set(path, Date.now());
  }

  /** Looks no more. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    this.#told.clear();
  }

  async #look(folder: string): Promise<void> {
    const names = await readdir(folder).catch(() => []);
    let deaf = false;
    for (const name of names) {
      const path = join(folder, name);
      const stats = await lstat(path).catch(() => undefined);
      const told = this.#told.get(folder);
      if (stats === undefined || told === undefined) continue;
      const before = told.get(path);
      if (before !== undefined && stats.ctimeMs < before - TICK) continue;
      told.set(path, Date.now());
      deaf = true;
      this.#input.missed(path, stats);
    }
    if (deaf) this.#input.deaf(folder);
  }
}
