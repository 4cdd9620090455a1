// Reads one scalar as the type its attribute wants. Text is read too, since variables always give text.
import { didYouMean } from '../../base/did-you-mean.ts';
import { parseBytes } from '../../base/bytes.ts';
import { formatDuration, parseDuration } from '../../base/duration.ts';
import type { LeafType } from '../attributes/shape.ts';
import type { ScalarTree } from '../tree.ts';
import { formatGo, formatRfc3339 } from './go-format.ts';

/** A value that was read, or why it could not be. */
export type ReadScalar =
  | { readonly value: string | number | boolean | null; readonly warning?: string; readonly hint?: string }
  | { readonly problem: string; readonly hint?: string };

/** The value of a scalar as a leaf type. null stays null. */
export function readScalar(scalar: ScalarTree, as: LeafType): ReadScalar {
  if (scalar.type === 'null') return { value: null };
  switch (as) {
    case 'boolean':
      return readBoolean(scalar);
    case 'integer':
      return readNumber(scalar, true);
    case 'whole':
      return readNumber({ ...scalar, value: cut(scalar) }, true);
    case 'number':
      return readNumber(scalar, false);
    case 'duration':
      return readDuration(scalar);
    case 'bytes':
      return readBytes(scalar);
    case 'mode':
      return readMode(scalar);
    case 'any':
      return { value: plainValue(scalar) };
    case 'string':
    case 'text':
      return { value: formatGo(scalar) };
  }
}

/** What is under a key of the writer's own; a date is printed as Go marshals it. */
export function plainValue({ value, type }: ScalarTree): string | number | boolean | null {
  if (type === 'timestamp') return formatRfc3339(String(value));
  return typeof value === 'bigint' ? Number(value) : value;
}

const cut = ({ value }: ScalarTree): ScalarTree['value'] => (typeof value === 'number' ? Math.trunc(value) : value);

const BOOLEANS: ReadonlyMap<string, readonly [value: boolean, old: boolean]> = new Map<
  string,
  readonly [boolean, boolean]
>([
  ['true', [true, false]],
  ['false', [false, false]],
  ...['y', 'yes', 'on'].map((word) => [word, [true, true]] as const),
  ...['n', 'no', 'off'].map((word) => [word, [false, true]] as const),
]);

function readBoolean({ value }: ScalarTree): ReadScalar {
  if (typeof value === 'boolean') return { value };
  const found = BOOLEANS.get(String(value).toLowerCase());
  if (!found) return { problem: `must be true or false, not "${value}"`, ...meant(String(value)) };
  const [result, old] = found;
  return {
    value: result,
    ...(old && { warning: `"${value}" is read as ${result}`, hint: `YAML 1.2 spells it ${result}` }),
  };
}

function meant(value: string): { hint?: string } {
  const hint = didYouMean(value, ['true', 'false']);
  return hint === undefined ? {} : { hint };
}

function readNumber({ value, type }: ScalarTree, whole: boolean): ReadScalar {
  const text = String(value);
  const result = type === 'string' ? parseNumber(text, whole) : Number(value);
  if (Number.isNaN(result)) return { problem: `must be a ${whole ? 'whole ' : ''}number, not "${text}"` };
  if (whole && !Number.isInteger(result)) return { problem: `must be a whole number, not ${text}` };
  return { value: result };
}

function parseNumber(text: string, whole: boolean): number {
  if (/^[-+]?\d+$/.test(text)) return Number.parseInt(text, 10);
  return !whole && /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/.test(text) ? Number(text) : NaN;
}

function readDuration({ value }: ScalarTree): ReadScalar {
  const nanoseconds = parseDuration(String(value));
  if (nanoseconds === undefined)
    return { problem: `must be a duration, not "${value}"`, hint: 'give it a unit: 500ms, 10s, 1m30s, 2h' };
  return { value: formatDuration(nanoseconds) };
}

function readBytes({ value, type }: ScalarTree): ReadScalar {
  if (type === 'float') return { value: 0, warning: `${value} has no unit and a fraction: it counts as 0` };
  const text = String(value);
  const size = type === 'integer' ? Number(value) : parseBytes(text);
  if (size === undefined)
    return { problem: `must be a size, not "${text}"`, hint: 'for example 512m, 64k, 1.5gb, 1048576' };
  return { value: size };
}

/** A mode in quotes is octal; one without is what YAML made of it. */
function readMode({ value, type }: ScalarTree): ReadScalar {
  if (type !== 'string') return Number(value) < 0 ? { problem: 'must be at least 0' } : { value: Number(value) };
  const text = String(value).replace(/^0o/, '');
  return /^[0-7]+$/.test(text)
    ? { value: Number.parseInt(text, 8) }
    : { problem: `must be an octal mode, not "${text}"`, hint: 'for example "0440"' };
}
