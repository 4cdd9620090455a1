// Remembers what was changed since the watch began, so that a new container can be given the same. Bounded.

/** More paths than this are not remembered one by one: a new container then gets all that its rules name. */
const MOST = 20_000;

/** Paths that were copied or deleted. */
export class Touched {
  readonly #paths = new Set<string>();
  #all = false;

  add(paths: Iterable<string>): void {
    if (this.#all) return;
    for (const path of paths) this.#paths.add(path);
    if (this.#paths.size > MOST) this.#all = true;
  }

  get paths(): ReadonlySet<string> {
    return this.#paths;
  }

  /** True when there were too many: everything counts as touched. */
  get all(): boolean {
    return this.#all;
  }
}
