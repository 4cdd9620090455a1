// All containers: in memory for reading, in the database for keeping. A change is committed before anyone hears of it.
import { GantryError } from '../../base/error.ts';
import { KeyedMutex } from '../../base/semaphore.ts';
import type { Database } from '../state/database.ts';
import { Container } from './container.ts';
import type { ContainerRecord } from './record.ts';

/** The containers of an engine. */
export class ContainerStore {
  readonly #db: Database;
  readonly #byId = new Map<string, Container>();
  readonly #idByName = new Map<string, string>();
  readonly #locks = new KeyedMutex();

  /** Reads every record. */
  constructor(db: Database) {
    this.#db = db;
    for (const row of db.all('SELECT json FROM containers')) {
      this.#remember(new Container(JSON.parse(String(row['json'])) as ContainerRecord));
    }
  }

  /** All, newest first. */
  all(): readonly Container[] {
    return [...this.#byId.values()].sort((a, b) => (a.record.created < b.record.created ? 1 : -1));
  }

  get(id: string): Container | undefined {
    return this.#byId.get(id);
  }

  /** By id, name, `/name` or a prefix of the id that only one has. Throws engine/not-found or engine/bad-parameter. */
  find(reference: string): Container {
    const named = this.#idByName.get(reference.replace(/^\//, ''));
    const found = this.#byId.get(reference) ?? this.#byId.get(named ?? '') ?? this.#byPrefix(reference);
    if (found === undefined) throw new GantryError('engine/not-found', `No such container: ${reference}`);
    return found;
  }

  /** The id of the container that has a name. */
  idOfName(name: string): string | undefined {
    return this.#idByName.get(name);
  }

  /** Adds a new container. Its name must be free. */
  add(record: ContainerRecord): Container {
    this.#db.run('INSERT INTO containers VALUES (?, ?, ?)', record.id, record.name, JSON.stringify(record));
    const container = new Container(record);
    this.#remember(container);
    return container;
  }

  /** Commits a container's record as it is now. */
  save(container: Container): void {
    const { record } = container;
    this.#db.run('UPDATE containers SET json = ? WHERE id = ?', JSON.stringify(record), record.id);
  }

  /** Gives a container another name, which must be free. */
  rename(container: Container, name: string): void {
    const before = container.record.name;
    container.record = { ...container.record, name };
    this.#db.run(
      'UPDATE containers SET name = ?, json = ? WHERE id = ?',
      name,
      JSON.stringify(container.record),
      container.id,
    );
    this.#idByName.delete(before);
    this.#idByName.set(name, container.id);
  }

  remove(container: Container): void {
    this.#db.run('DELETE FROM containers WHERE id = ?', container.id);
    this.#byId.delete(container.id);
    if (this.#idByName.get(container.record.name) === container.id) this.#idByName.delete(container.record.name);
  }

  /** Runs a task as the container's owner: one at a time for each container. The signal ends the wait for that alone. */
  async own<T>(
    container: Container,
    task: () => Promise<T>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<T> {
    return await this.#locks.run(container.id, task, options);
  }

  #remember(container: Container): void {
    this.#byId.set(container.id, container);
    this.#idByName.set(container.record.name, container.id);
  }

  #byPrefix(prefix: string): Container | undefined {
    if (!/^[0-9a-f]+$/.test(prefix)) return undefined;
    const matches = [...this.#byId.values()].filter((container) => container.id.startsWith(prefix));
    if (matches.length > 1) {
      throw new GantryError('engine/bad-parameter', `Multiple IDs found with provided prefix: ${prefix}`);
    }
    return matches[0];
  }
}
