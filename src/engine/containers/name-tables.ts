// Writes the name table of a network when its members change. Many changes at once become few writes.
import { nameEntries } from '../networks/name-table.ts';
import type { NameEntry, NetworkSpec } from '../networks/types.ts';
import type { NetworkService } from '../services.ts';
import type { ContainerStore } from './store.ts';

/** The tables of all networks. */
export class NameTables {
  readonly #store: ContainerStore;
  readonly #networks: NetworkService;
  /** Writes that have not begun: whoever asks meanwhile shares them. */
  readonly #queued = new Map<string, Promise<void>>();
  readonly #last = new Map<string, Promise<void>>();

  constructor(store: ContainerStore, networks: NetworkService) {
    this.#store = store;
    this.#networks = networks;
  }

  /** Resolves when a table that has at least what is true now stands. */
  async refresh(network: NetworkSpec): Promise<void> {
    const queued = this.#queued.get(network.id);
    if (queued !== undefined) return queued;
    const before = this.#last.get(network.id) ?? Promise.resolve();
    const next = before.then(
      async () => this.#write(network),
      async () => this.#write(network),
    );
    this.#queued.set(network.id, next);
    this.#last.set(network.id, next);
    return next;
  }

  /** Every name a network's members have now, bare and with the network's name behind it. */
  entries(network: NetworkSpec): readonly NameEntry[] {
    const endpoints = this.#store
      .all()
      .flatMap(({ record }) => Object.values(record.networks).flatMap(({ endpoint }) => endpoint ?? []))
      .filter(({ networkId }) => networkId === network.id);
    return nameEntries(network, endpoints);
  }

  async #write(network: NetworkSpec): Promise<void> {
    this.#queued.delete(network.id);
    await this.#networks.driver.writeNames(network, this.entries(network));
  }
}
