// The query of a request by Docker's rules (API sheet §1): booleans, repeats, integers and both forms of filters.
import { GantryError } from '../../base/error.ts';
import type { Query } from './types.ts';

const FALSE = new Set(['', '0', 'no', 'false', 'none']);
/** Values of one filters argument; far above what any client sends. */
const MAX_FILTER_VALUES = 10_000;

/** Reads the part of a URL behind `?`; unknown names are kept and never looked at. */
export function parseQuery(search: string): Query {
  const values = new URLSearchParams(search);
  return {
    text: (name) => values.get(name) ?? undefined,
    all: (name) => values.getAll(name),
    flag: (name, fallback) => {
      const value = values.get(name);
      return value === null ? fallback : !FALSE.has(value.trim().toLowerCase());
    },
    integer: (name) => integerOf(name, values.get(name)),
    filters: (allowed) => parseFilters(values.get('filters'), allowed),
  };
}

function integerOf(name: string, value: string | null): number | undefined {
  if (value === null || value === '') return undefined;
  if (!/^[-+]?\d{1,15}$/.test(value))
    throw badParameter(`invalid value for ${name}: ${JSON.stringify(value)} is no integer`);
  return Number(value);
}

function parseFilters(
  text: string | null,
  allowed: readonly string[] | undefined,
): ReadonlyMap<string, readonly string[]> {
  const filters = new Map<string, readonly string[]>();
  if (text === null || text === '') return filters;
  for (const [name, values] of Object.entries(filterObject(text))) {
    if (allowed?.includes(name) === false) throw badParameter(`invalid filter '${name}'`);
    filters.set(name, filterValues(name, values));
  }
  return filters;
}

function filterObject(text: string): object {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw badParameter('invalid filters: not JSON', cause);
  }
  if (parsed === null) return {};
  if (typeof parsed !== 'object' || Array.isArray(parsed)) throw badParameter('invalid filters: expected an object');
  return parsed;
}

/** `["a"]` as docker-py and dockerode send it, or `{"a": true}` as Go clients do. */
function filterValues(name: string, values: unknown): readonly string[] {
  const list: unknown = isRecord(values) ? Object.keys(values).filter((key) => values[key] === true) : values;
  if (!Array.isArray(list) || list.length > MAX_FILTER_VALUES) {
    throw badParameter(`invalid filter '${name}': expected a list of values`);
  }
  return list.map(String);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function badParameter(message: string, cause?: unknown): GantryError {
  return new GantryError('engine/bad-parameter', message, cause === undefined ? {} : { cause });
}
