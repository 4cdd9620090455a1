// `--filter KEY=VALUE`, repeatable, as the API takes it.
import { GantryError } from '../../../base/error.ts';
import type { Filters } from '../../../client/docker.ts';

/** Values by name; `label!=x` is the filter `label!`. Throws usage/invalid-flag for what is no pair. */
export function filtersOf(given: readonly string[] | undefined): Filters {
  const pairs = (given ?? []).map((text) => {
    const at = text.indexOf('=');
    if (at < 1)
      throw new GantryError('usage/invalid-flag', `invalid argument "${text}" for --filter: expected KEY=VALUE`);
    return [text.slice(0, at).trim().toLowerCase(), text.slice(at + 1).trim()] as const;
  });
  const groups = Map.groupBy(pairs, ([key]) => key);
  return Object.fromEntries([...groups].map(([key, list]) => [key, list.map(([, value]) => value)]));
}

/** `KEY=VALUE` pairs of `--label`, `--opt` and the like; a key alone has an empty value. */
export function pairsOf(given: readonly string[] | undefined): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (given ?? []).map((text) => {
      const at = text.indexOf('=');
      return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}
