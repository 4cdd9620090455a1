// "Did you mean": the known word nearest to a mistyped one.

/** The candidate nearest to `word`, when it is near enough to be a slip. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const limit = word.length === 2 ? 1 : Math.ceil((word.length - 2) / 3);
  let best: string | undefined;
  let bestDistance = limit + 1;
  for (const candidate of likely(word, candidates)) {
    if (Math.abs(candidate.length - word.length) > limit) continue;
    const distance = editDistance(normal(word), normal(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Of very many candidates only those with the same first letter: each takes a while. */
function likely(word: string, candidates: readonly string[]): readonly string[] {
  if (candidates.length <= MAX_COMPARED) return candidates;
  return candidates.filter((one) => one[0] === word[0]).slice(0, MAX_COMPARED);
}

const MAX_COMPARED = 500;

/** A hint for a message, or nothing. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates];
  const found = nearest(word, all) ?? onlyWith(word, all);
  return found === undefined ? undefined : `did you mean "${found}"?`;
}

/** The only candidate that ends in the word, or begins with it: `healthy` for `service_healthy`. */
function onlyWith(word: string, candidates: readonly string[]): string | undefined {
  const text = normal(word);
  if (text.length < 4) return undefined;
  const found = candidates.filter((one) => normal(one).endsWith(`_${text}`) || normal(one).startsWith(`${text}_`));
  return found.length === 1 ? found[0] : undefined;
}

const normal = (word: string): string => word.toLowerCase().replaceAll('-', '_');

/** Levenshtein with swaps of neighbours counted as one. Words are cut at 64 characters. */
function editDistance(a: string, b: string): number {
  const from = a.slice(0, 64);
  const to = b.slice(0, 64);
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (swapped) cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length] ?? 0;
}
