// Go's values as templates see them: Map is a map, a plain object a struct, an array a slice, a function a method;
// null is a nil pointer, undefined a key that a map does not have.
import { goJson } from '../output/json.ts';

/** A slice and a map that are nil: they print and count as empty, and are null as JSON. */
export const NIL_LIST: readonly unknown[] = Object.freeze([]);
export const NIL_MAP: ReadonlyMap<string, unknown> = Object.freeze(new Map<string, unknown>());

/** A map whose values are no strings. */
export class StructMap extends Map<string, unknown> {}

/** A struct: what is neither list, map nor method. */
export function isStruct(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Map);
}

/** Whether `{{if}}` takes it as true: not empty, not zero. */
export function isTruthy(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return Boolean(value);
}

/** Keys and values of a map, sorted as Go ranges over them. */
export function sortedEntries(map: ReadonlyMap<unknown, unknown>): readonly (readonly [string, unknown])[] {
  return [...map].map(([key, value]) => [String(key), value] as const).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** As Go's `%v` prints it; within a list or struct nil is `<nil>` and so is a missing value. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return '<nil>';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(textOf).join(' ')}]`;
  if (value instanceof Map)
    return `map[${sortedEntries(value)
      .map(([key, item]) => `${key}:${textOf(item)}`)
      .join(' ')}]`;
  if (isStruct(value)) return `{${Object.values(value).map(textOf).join(' ')}}`;
  return numberText(value);
}

function numberText(value: unknown): string {
  if (typeof value !== 'number' || Number.isInteger(value)) return String(value);
  return Math.abs(value) >= 1e21 || Math.abs(value) < 1e-4 ? value.toExponential() : String(value);
}

/** One line of JSON, keys of maps sorted. */
export function jsonOf(value: unknown): string {
  return goJson(plain(value));
}

function plain(value: unknown): unknown {
  if (value === NIL_LIST || value === NIL_MAP || value === undefined) return null;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries(sortedEntries(value).map(([key, item]) => [key, plain(item)]));
  if (!isStruct(value)) return value;
  const fields = Object.entries(value).filter(([, item]) => typeof item !== 'function');
  return Object.fromEntries(fields.map(([key, item]) => [key, plain(item)]));
}
