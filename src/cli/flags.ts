// Values of flags that several verbs share.
import { GantryError } from '../base/error.ts';

/** Seconds of `-t`; undefined when it was not given. */
export function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isInteger(seconds)) throw invalid('--timeout', text, 'a number of seconds');
  return seconds;
}

/** A whole number of at least `least`. */
export function integerOf(flag: string, text: string, least: number): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isInteger(number) || number < least)
    throw invalid(flag, text, `a number from ${least}`);
  return number;
}

/** `SERVICE=N` pairs of `--scale`. Throws usage/invalid-flag. */
export function scaleOf(pairs: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [service = '', count] = pair.split('=');
      if (service === '' || count === undefined) throw invalid('--scale', pair, 'SERVICE=NUMBER');
      return [service, integerOf('--scale', count, 0)] as const;
    }),
  );
}

/** Collects a repeatable flag. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** Refuses two flags that contradict each other. */
export function exclusive(
  flags: Readonly<Record<string, unknown>>,
  pairs: readonly (readonly [string, string])[],
): void {
  const given = (name: string): boolean => flags[camel(name)] !== undefined && flags[camel(name)] !== false;
  for (const [one, other] of pairs) {
    if (given(one) && given(other))
      throw new GantryError('usage/invalid-flag', `--${one} and --${other} cannot be used together`);
  }
}

const camel = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

function invalid(flag: string, text: string, wanted: string): GantryError {
  return new GantryError('usage/invalid-flag', `${flag} ${text}: give ${wanted}`);
}
