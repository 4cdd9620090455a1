// Filters of network lists and prunes: values of a key are alternatives, except labels, which must all match.
import { parseDuration } from '../../base/duration.ts';
import { GantryError } from '../../base/error.ts';
import { hasLabel } from '../label-filter.ts';
import { driverName } from './answer.ts';
import type { NetworkRecord } from './record.ts';

/** Filters as a query gives them. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/** What GET /networks accepts. */
export const LIST_FILTERS = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'] as const;
/** What POST /networks/prune accepts. */
export const PRUNE_FILTERS = ['until', 'label', 'label!'] as const;

type Test = (record: NetworkRecord) => boolean;

/** The networks that pass every filter. */
export function selectNetworks(
  all: readonly NetworkRecord[],
  filters: Filters,
  isUsed: (id: string) => boolean,
): readonly NetworkRecord[] {
  const tests = [...filters]
    .filter(([, values]) => values.length > 0)
    .map(([name, values]) => testOf(name, values, isUsed));
  return all.filter((record) => tests.every((test) => test(record)));
}

/** True for bridge, host and none. */
export function isPredefined({ spec }: NetworkRecord): boolean {
  return spec.isDefault || spec.driver !== 'bridge';
}

function testOf(name: string, values: readonly string[], isUsed: (id: string) => boolean): Test {
  switch (name) {
    case 'dangling': {
      const wanted = flagOf(values[0] ?? '');
      return (record) => !isPredefined(record) && !isUsed(record.spec.id) === wanted;
    }
    case 'driver':
      return ({ spec }) => values.includes(driverName(spec));
    case 'id':
      return ({ spec }) => values.some((value) => spec.id.includes(value));
    case 'label':
      return ({ labels }) => values.every((value) => hasLabel(labels, value));
    case 'label!':
      return ({ labels }) => !values.some((value) => hasLabel(labels, value));
    case 'scope':
      return () => values.includes('local');
    case 'type':
      return (record) => values.some((value) => typeOf(value) === (isPredefined(record) ? 'builtin' : 'custom'));
    case 'until': {
      const until = Math.min(...values.map(untilOf));
      return ({ created }) => Date.parse(created) < until;
    }
    default:
      return ({ spec }) => values.some((value) => spec.name.includes(value));
  }
}

function typeOf(value: string): string {
  if (value === 'builtin' || value === 'custom') return value;
  throw new GantryError('engine/bad-parameter', `invalid filter: 'type'='${value}'`);
}

function flagOf(value: string): boolean {
  if (/^(?:1|t|true)$/i.test(value)) return true;
  if (/^(?:0|f|false)$/i.test(value)) return false;
  throw new GantryError(
    'engine/bad-parameter',
    'invalid value for filter \'dangling\', must be "true" (or "1"), or "false" (or "0")',
  );
}

/** A unix time, an RFC 3339 time, or a duration before now; as ms. */
function untilOf(value: string): number {
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const duration = parseDuration(value);
  if (duration !== undefined) return Date.now() - duration / 1e6;
  const time = Date.parse(value);
  if (Number.isNaN(time))
    throw new GantryError(
      'engine/bad-parameter',
      `failed to parse value as time or duration: ${JSON.stringify(value)}`,
    );
  return time;
}
