// The functions of templates: text/template's own and those Docker adds. Each throws a plain message that the caller
// puts into its place.
import { GantryError } from '../../base/error.ts';
import { sprint, sprintf } from './print.ts';
import { isTruthy, jsonOf, StructMap, textOf } from './values.ts';

/** A function of a template. `and` and `or` are not here: they do not work out all their operands. */
export type TemplateFunction = (...values: readonly unknown[]) => unknown;

/** By name. */
export const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  not: (value) => !isTruthy(value),
  len: lengthOf,
  index: (item, ...keys) => keys.reduce(indexOne, item),
  slice: (item, from = 0, to) => sliced(item, from, to),
  print: sprint,
  printf: (format, ...values) => sprintf(stringOf(format), ...values),
  println: (...values) => `${values.map(textOf).join(' ')}\n`,
  html: (...values) => sprint(...values).replace(/[<>&'"]/g, (char) => HTML[char] ?? char),
  js: (...values) => sprint(...values).replace(/[\\'"<>&=]/g, (char) => JS[char] ?? char),
  urlquery: (...values) => encodeURIComponent(sprint(...values)).replaceAll('%20', '+'),
  eq: (one, ...others) => others.some((other) => isEqual(one, other)),
  ne: (one, other) => !isEqual(one, other),
  lt: (one, other) => compare(one, other) < 0,
  le: (one, other) => compare(one, other) <= 0,
  gt: (one, other) => compare(one, other) > 0,
  ge: (one, other) => compare(one, other) >= 0,
  json: jsonOf,
  split: (text, separator) => stringOf(text).split(stringOf(separator)),
  join: (list, separator) => listOf(list).map(textOf).join(stringOf(separator)),
  title: (text) =>
    stringOf(text).replace(/(^|\s)(\p{L})/gu, (_all, gap: string, char: string) => gap + char.toUpperCase()),
  lower: (text) => stringOf(text).toLowerCase(),
  upper: (text) => stringOf(text).toUpperCase(),
  pad: (text, before, after) =>
    text === '' ? '' : ' '.repeat(Number(before)) + stringOf(text) + ' '.repeat(Number(after)),
  truncate: (text, length) => Array.from(stringOf(text)).slice(0, Number(length)).join(''),
};

const HTML: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', "'": '&#39;', '"': '&#34;' };
const JS: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  "'": "\\'",
  '"': '\\"',
  '<': '\\u003C',
  '>': '\\u003E',
  '&': '\\u0026',
  '=': '\\u003D',
};

function fail(text: string): never {
  throw new GantryError('usage/invalid-flag', text);
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : fail(`wrong type for value; expected string; got ${goType(value)}`);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : fail(`wrong type for value; expected []string; got ${goType(value)}`);
}

function goType(value: unknown): string {
  if (typeof value === 'number') return 'int';
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return '[]interface {}';
  return typeof value === 'string' ? 'string' : 'map[string]interface {}';
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (value instanceof Map) return value.size;
  return fail(value === null || value === undefined ? 'len of nil pointer' : `len of type ${goType(value)}`);
}

function indexOne(item: unknown, key: unknown): unknown {
  if (item instanceof Map) {
    const map: ReadonlyMap<unknown, unknown> = item;
    // what Go gives for a missing key: of a map of strings "", else nothing
    return map.has(key) ? map.get(key) : item instanceof StructMap ? undefined : '';
  }
  if (item === null || item === undefined) return fail('index of untyped nil');
  const list: unknown = typeof item === 'string' ? [...Buffer.from(item)] : item;
  if (!Array.isArray(list)) return fail(`can't index item of type ${goType(item)}`);
  if (typeof key !== 'number') return fail(`cannot index slice/array with type ${goType(key)}`);
  if (key < 0 || key >= list.length) return fail(`index out of range: ${key}`);
  return (list as readonly unknown[])[key];
}

function sliced(item: unknown, from: unknown, to: unknown): unknown {
  if (typeof item !== 'string' && !Array.isArray(item)) return fail(`can't slice item of type ${goType(item)}`);
  const end = to ?? item.length;
  if (typeof from !== 'number' || typeof end !== 'number') return fail('cannot index slice/array with type string');
  if (from < 0 || end > item.length || from > end) return fail(`index out of range: ${Math.max(from, end)}`);
  return item.slice(from, end) as unknown;
}

function isEqual(one: unknown, other: unknown): boolean {
  if (one === undefined || one === null || other === undefined || other === null)
    return (one ?? null) === (other ?? null);
  if (typeof one !== typeof other) fail('incompatible types for comparison');
  if (typeof one === 'object') fail('non-comparable type for comparison');
  return one === other;
}

function compare(one: unknown, other: unknown): number {
  if (typeof one !== typeof other) fail('incompatible types for comparison');
  if (typeof one === 'number' && typeof other === 'number') return one - other;
  if (typeof one === 'string' && typeof other === 'string') return one < other ? -1 : one > other ? 1 : 0;
  return fail('invalid type for comparison');
}
