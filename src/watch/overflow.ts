// What the kernel's queue of events could not hold is lost, and libuv does not say so: a queue that was full is known by its
// length. Then everything is looked through for what changed since events were last read.
import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Rule } from './rule.ts';
import { pathsOf } from './tree.ts';

/** How many events in one go count as a full queue, and what is done then. */
export interface FullQueueInput {
  readonly most: number;
  /** Called with the time from which on events may be missing, ms since 1970. */
  readonly lost: (since: number) => void;
}

/** Times of files may lag behind the clock by a tick of the kernel, ms. */
const TICK = 20;

/** Counts events; libuv reads its queue until it is empty, all in one turn of the event loop. */
export class FullQueue {
  readonly #input: FullQueueInput;
  #events = 0;
  /** When the events of this turn, and of the one before, began to be read. */
  #began = Date.now();
  #before = this.#began;

  constructor(input: FullQueueInput) {
    this.#input = input;
  }

  /** An event was read. */
  count(): void {
    if (this.#events === 0) {
      [this.#before, this.#began] = [this.#began, Date.now()];
      setImmediate(() => this.#endTurn());
    }
    this.#events += 1;
  }

  #endTurn(): void {
    const isFull = this.#events >= this.#input.most;
    this.#events = 0;
    if (isFull) this.#input.lost(this.#before);
  }
}

/** Events that make a queue look full: half of what it holds, since those of watches that have gone are not handed on. */
export async function fullQueueLength(): Promise<number> {
  const text = await readFile('/proc/sys/fs/inotify/max_queued_events', 'utf8').catch(() => '');
  return Math.max(1, Math.floor((Number.parseInt(text, 10) || 16_384) / 2));
}

/** The paths in what chokidar's `getWatched` gives: names by folder. */
export function watchedPaths(names: Readonly<Record<string, readonly string[]>>): ReadonlySet<string> {
  return new Set(Object.entries(names).flatMap(([folder, list]) => list.map((name) => join(folder, name))));
}

/** Tells of what came, changed or went since then; `known` is what was there. */
export async function tellMissed(
  rules: readonly Rule[],
  { known, since }: { readonly known: ReadonlySet<string>; readonly since: number },
  change: (path: string) => void,
): Promise<void> {
  const present = new Set((await Promise.all(rules.map(pathsOf))).flat());
  for (const path of present) {
    const stats = await lstat(path).catch(() => undefined);
    // what was moved here with its folder is new, and its own times say nothing of that
    if (!known.has(path) || stats === undefined || stats.ctimeMs >= since - TICK) change(path);
  }
  for (const path of known) if (!present.has(path)) change(path);
}
