// Networks as they are kept in the database, and how a reference finds one.
import { GantryError } from '../../base/error.ts';
import type { Database, Row } from '../state/database.ts';
import type { NetworkSpec } from './types.ts';

/** A network with what only its users care about. */
export interface NetworkRecord {
  readonly spec: NetworkSpec;
  /** RFC3339. */
  readonly created: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Driver options as given. */
  readonly options: Readonly<Record<string, string>>;
  readonly attachable: boolean;
  /** Auxiliary addresses by the name they were given. */
  readonly auxiliary: Readonly<Record<string, string>>;
}

const PUT = 'INSERT INTO networks VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET json = excluded.json';

/** The table of networks, read whole at start and written through. */
export interface NetworkRecords {
  /** Oldest first. */
  all(): readonly NetworkRecord[];
  byName(name: string): NetworkRecord | undefined;
  /** By full id, full name, or unique start of the id, in this order. Throws engine/not-found or engine/bad-parameter. */
  find(reference: string): NetworkRecord;
  /** Stores a new one, or replaces the one of its id. */
  put(record: NetworkRecord): void;
  delete(id: string): void;
}

/** Reads the table. */
export function networkRecords(db: Database): NetworkRecords {
  const records = new Map(
    db
      .all('SELECT json FROM networks')
      .map(parse)
      .sort(byAge)
      .map((record) => [record.spec.id, record]),
  );
  const all = (): readonly NetworkRecord[] => [...records.values()];
  return {
    all,
    byName: (name) => all().find(({ spec }) => spec.name === name),
    find: (reference) => find(all(), reference),
    put(record) {
      const { id, name } = record.spec;
      db.transaction(() => db.run(PUT, id, name, JSON.stringify(record)), true);
      records.set(id, record);
    },
    delete(id) {
      db.transaction(() => db.run('DELETE FROM networks WHERE id = ?', id), true);
      records.delete(id);
    },
  };
}

function parse(row: Row): NetworkRecord {
  return JSON.parse(String(row['json'])) as NetworkRecord;
}

function byAge(a: NetworkRecord, b: NetworkRecord): number {
  return a.created < b.created ? -1 : Number(a.created > b.created);
}

function find(all: readonly NetworkRecord[], reference: string): NetworkRecord {
  const exact = all.find(({ spec }) => spec.id === reference) ?? all.find(({ spec }) => spec.name === reference);
  if (exact !== undefined) return exact;
  const matches = reference === '' ? [] : all.filter(({ spec }) => spec.id.startsWith(reference));
  const [match] = matches;
  if (match === undefined) throw new GantryError('engine/not-found', `network ${reference} not found`);
  if (matches.length === 1) return match;
  throw new GantryError(
    'engine/bad-parameter',
    `network ${reference} is ambiguous (${matches.length} matches found on ID prefix)`,
  );
}
