// The one SQLite database of an engine: WAL, one writer (this process), committed before anything is answered.
// Rows are JSON objects under their keys; the tables are in schema.ts. Knows no area's types.
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GantryError } from '../../base/error.ts';
import { SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** A result row by column name. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

const BALLAST_BYTES = 4 * 1024 * 1024;
/** SQLite's result code for a full disk. */
const SQLITE_FULL = 13;

/** An open engine database. */
export class Database {
  readonly #db: DatabaseSync;
  readonly #ballast: string;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens or creates `<data>/gantry.db`. Refuses a schema newer than this engine's. */
  constructor(data: string) {
    this.#db = new DatabaseSync(join(data, 'gantry.db'));
    this.#ballast = join(data, 'ballast');
    this.#db.exec(
      'PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA busy_timeout=2000',
    );
    this.#migrate();
    this.#fillBallast();
  }

  /** All rows of a query. */
  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values);
  }

  /** The first row of a query. */
  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values);
  }

  /** Runs a change. On a full disk the ballast is freed once, since even DELETE needs room; inserts then fail with engine/disk-full. */
  run(sql: string, ...values: SQLInputValue[]): void {
    try {
      this.#statement(sql).run(...values);
    } catch (error) {
      if (!isFull(error)) throw error;
      this.#retryWithoutBallast(sql, values, error);
    }
  }

  /** All or nothing, committed to disk (FULL) when `durable`: for images, volumes and networks that come or go. */
  transaction<T>(change: () => T, durable = false): T {
    if (durable) this.#db.exec('PRAGMA synchronous=FULL');
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = change();
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    } finally {
      if (durable) this.#db.exec('PRAGMA synchronous=NORMAL');
    }
  }

  close(): void {
    this.#db.close();
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = this.#db.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }

  #migrate(): void {
    const version = Number(this.#db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
    if (version > SCHEMA_VERSION) {
      throw new GantryError(
        'engine/unsupported-host',
        `the database has schema ${version}, this engine knows ${SCHEMA_VERSION}`,
        {
          hint: 'run the newer gantry that wrote it, or choose another data folder with GANTRY_DATA',
        },
      );
    }
    for (const [index, sql] of SCHEMA.entries()) {
      if (index >= version) this.#db.exec(`BEGIN; ${sql}; PRAGMA user_version=${index + 1}; COMMIT`);
    }
  }

  #fillBallast(): void {
    if (statSync(this.#ballast, { throwIfNoEntry: false })?.size !== BALLAST_BYTES) {
      writeFileSync(this.#ballast, Buffer.alloc(BALLAST_BYTES), { mode: 0o600 });
    }
  }

  #retryWithoutBallast(sql: string, values: SQLInputValue[], cause: unknown): void {
    rmSync(this.#ballast, { force: true });
    try {
      this.#statement(sql).run(...values);
    } catch {
      throw new GantryError('engine/disk-full', 'the disk that holds the engine state is full', {
        hint: 'free some space under the data folder, then try again',
        cause,
      });
    }
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && Number(error.errcode) % 256 === SQLITE_FULL;
}
