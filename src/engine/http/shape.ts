// Checks untyped JSON bodies against a table of shapes, so that what reads them finds the types it was written for.
// Unknown fields pass, null means absent everywhere. Says where a wrong value is.
import { GantryError } from '../../base/error.ts';

/** What a value must be. `words` is a list of strings or one string; a map has any keys; [x] is a list of x. */
export type Shape =
  | 'text'
  | 'number'
  | 'flag'
  | 'words'
  | 'anything'
  | { readonly map: Shape }
  | readonly [Shape]
  | { readonly fields: Readonly<Record<string, Shape>> };

const NUL = '\0';

/** Throws engine/bad-parameter when the value is of another shape, or a string in it has a NUL. */
export function checkShape(value: unknown, shape: Shape, where: string): void {
  if (value === null || value === undefined || shape === 'anything') return;
  if (typeof shape === 'string') checkPlain(value, shape, where);
  else if (isList(shape)) list(value, where).forEach((item, index) => checkShape(item, shape[0], `${where}[${index}]`));
  else if ('map' in shape)
    for (const [key, item] of entries(value, where)) checkShape(item, shape.map, `${where}.${key}`);
  else
    for (const [key, item] of entries(value, where))
      checkShape(item, shape.fields[key] ?? 'anything', `${where}.${key}`);
}

function isList(shape: Exclude<Shape, string>): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function checkPlain(value: unknown, shape: 'text' | 'number' | 'flag' | 'words', where: string): void {
  if (shape === 'words' && Array.isArray(value)) {
    value.forEach((item, index) => checkPlain(item, 'text', `${where}[${index}]`));
    return;
  }
  const [type, words] = TYPES[shape];
  if (typeof value !== type) throw wrong(where, words);
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw wrong(where, 'a whole number');
  if (typeof value === 'string' && value.includes(NUL)) throw wrong(where, 'a string without NUL');
}

const TYPES = {
  text: ['string', 'a string'],
  words: ['string', 'a list of strings'],
  number: ['number', 'a number'],
  flag: ['boolean', 'a boolean'],
} as const;

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value)) throw wrong(where, 'a list');
  return value;
}

function entries(value: unknown, where: string): readonly (readonly [string, unknown])[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(where, 'an object');
  return Object.entries(value);
}

function wrong(where: string, expected: string): GantryError {
  return new GantryError('engine/bad-parameter', `invalid JSON: ${where} must be ${expected}`);
}
