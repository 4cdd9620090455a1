// Reads fields of untyped JSON bodies: null and absent are the same, a wrong type is engine/bad-parameter naming the field.
import { GantryError } from '../../base/error.ts';

/** Fields of an object by name. */
export type Fields = Readonly<Record<string, unknown>>;

/** An object; {} when it is null or absent. */
export function objectField(value: unknown, what: string): Fields {
  if (value === undefined || value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw wrong(what, 'an object');
  return value as Fields;
}

/** A string; undefined when it is null or absent. */
export function textField(value: unknown, what: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw wrong(what, 'a string');
  return value;
}

/** A boolean; undefined when it is null or absent. */
export function flagField(value: unknown, what: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'boolean') throw wrong(what, 'a boolean');
  return value;
}

/** Strings by name; {} when it is null or absent. */
export function textMapField(value: unknown, what: string): Readonly<Record<string, string>> {
  const entries = Object.entries(objectField(value, what));
  return Object.fromEntries(entries.map(([key, item]) => [key, textField(item, `${what}.${key}`) ?? '']));
}

/** A list; [] when it is null or absent. */
export function listField(value: unknown, what: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw wrong(what, 'a list');
  return value;
}

function wrong(what: string, expected: string): GantryError {
  return new GantryError('engine/bad-parameter', `invalid JSON: ${what} must be ${expected}`);
}
