// `--filter KEY=VALUE` flags as the API's filters.
import { GantryError } from '../../base/error.ts';

/** Values by key. Throws usage/invalid-flag for one without `=`. */
export function filtersOf(texts: readonly string[] | undefined): Readonly<Record<string, readonly string[]>> {
  const pairs = (texts ?? []).map((text) => {
    const at = text.indexOf('=');
    if (at < 0)
      throw new GantryError(
        'usage/invalid-flag',
        `invalid argument "${text}" for "-f, --filter" flag: bad format of filter (expected name=value)`,
      );
    return [text.slice(0, at).trim().toLowerCase(), text.slice(at + 1).trim()] as const;
  });
  const groups = [...Map.groupBy(pairs, ([key]) => key)];
  return Object.fromEntries(groups.map(([key, list]) => [key, list.map(([, value]) => value)]));
}
