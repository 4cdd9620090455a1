// Filters of volume lists and prunes: values of a key are alternatives, except labels, which must all match.
import { GantryError } from '../../base/error.ts';
import { hasLabel } from '../label-filter.ts';
import { DRIVER, type VolumeRecord } from './record.ts';

/** Filters as a query gives them. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/** What GET /volumes accepts. */
export const LIST_FILTERS = ['dangling', 'driver', 'label', 'name'] as const;
/** What POST /volumes/prune accepts. */
export const PRUNE_FILTERS = ['all', 'label', 'label!'] as const;

/** One test per filter. */
export function volumeTests(
  filters: Filters,
  isUsed: (name: string) => boolean,
): readonly ((volume: VolumeRecord) => boolean)[] {
  return [...filters].map(([name, values]) => testOf(name, values, isUsed));
}

type Test = (volume: VolumeRecord) => boolean;

function testOf(name: string, values: readonly string[], isUsed: (name: string) => boolean): Test {
  switch (name) {
    case 'dangling': {
      const wanted = flagOf(values[0] ?? '');
      return (volume) => !isUsed(volume.name) === wanted;
    }
    case 'driver':
      return () => values.includes(DRIVER);
    case 'label':
      return ({ labels }) => values.every((value) => hasLabel(labels, value));
    case 'label!':
      return ({ labels }) => !values.some((value) => hasLabel(labels, value));
    default:
      return (volume) => values.some((value) => volume.name.includes(value));
  }
}

/** `all` of a prune as a boolean. */
export function allFilter(filters: Filters): boolean {
  const values = filters.get('all') ?? [];
  return values.length > 0 && flagOf(values[0] ?? '', 'all');
}

function flagOf(value: string, name = 'dangling'): boolean {
  if (/^(?:1|t|true)$/i.test(value)) return true;
  if (/^(?:0|f|false)$/i.test(value)) return false;
  throw new GantryError('engine/bad-parameter', `invalid filter '${name}=[${value}]'`);
}
