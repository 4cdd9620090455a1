// Times of `--since` and `--until` as the API takes them.
import { parseDuration } from '../base/duration.ts';
import { GantryError } from '../base/error.ts';

/** Unix seconds of an RFC 3339 time, of Unix seconds, or of a duration back from now; undefined when none is given. */
export function timeOf(text: string | undefined, now = Date.now()): string | undefined {
  if (text === undefined || text === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return text;
  const duration = parseDuration(text);
  if (duration !== undefined) return String(now / 1000 - duration / 1e9);
  const time = Date.parse(text);
  if (Number.isNaN(time)) {
    throw new GantryError('usage/invalid-flag', `"${text}" is no time`, { hint: 'write 2026-01-02T15:04:05Z or 10m' });
  }
  return String(time / 1000);
}
