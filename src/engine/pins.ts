// Counts who is using a digest that no row protects yet, so that a sweep at the same time leaves it alone.

/** Digests in use by work that has not been committed. */
export interface Pins {
  add(...digests: readonly string[]): void;
  drop(...digests: readonly string[]): void;
  has(digest: string): boolean;
  isAny(): boolean;
}

/** An empty set of pins. */
export function createPins(): Pins {
  const counts = new Map<string, number>();
  const change = (by: number, digests: readonly string[]): void => {
    for (const digest of digests) {
      const count = (counts.get(digest) ?? 0) + by;
      if (count > 0) counts.set(digest, count);
      else counts.delete(digest);
    }
  };
  return {
    add: (...digests) => change(1, digests),
    drop: (...digests) => change(-1, digests),
    has: (digest) => counts.has(digest),
    isAny: () => counts.size > 0,
  };
}
