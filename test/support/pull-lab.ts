// Pulls from a registry in this process into a real image store, and what is said meanwhile.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseReference } from '../../src/engine/images/reference.ts';
import type { TransferLines } from '../../src/engine/images/transfer/progress.ts';
import { beginPull } from '../../src/engine/images/transfer/pull.ts';
import { transferStore, type TransferStore } from '../../src/engine/images/transfer/store.ts';
import { ANONYMOUS, type Credentials } from '../../src/engine/registry/credentials.ts';
import { TestAreas } from './areas.ts';
import { FakeRegistry } from './fake-registry.ts';

/** How something is pulled. */
export interface Pull {
  readonly env?: Record<string, string>;
  readonly transfer?: TransferStore;
  readonly credentials?: Credentials;
  readonly platform?: string;
  readonly signal?: AbortSignal;
}

/** A store and a registry. */
export class PullLab implements AsyncDisposable {
  readonly areas: TestAreas;
  readonly registry: FakeRegistry;
  /** Lines of progress. */
  readonly said: string[] = [];

  private constructor(areas: TestAreas, registry: FakeRegistry) {
    this.areas = areas;
    this.registry = registry;
  }

  static async create(): Promise<PullLab> {
    return new PullLab(await TestAreas.create(), await FakeRegistry.start());
  }

  /** Ids of what a name stands for. */
  async pull(name: string, options: Pull = {}): Promise<readonly string[]> {
    const { env = {}, platform = 'linux/amd64', credentials = ANONYMOUS } = options;
    const transfer = options.transfer ?? transferStore(this.areas.store, { GANTRY_CONFIG: this.areas.data, ...env });
    const signal = options.signal ?? new AbortController().signal;
    using started = await beginPull(transfer, { ref: parseReference(name), platform, credentials }, { signal });
    return await started.finish(this.#lines());
  }

  /** How many layers there are, and half-made things. */
  async stored(): Promise<{ layers: number; work: number }> {
    const count = async (folder: string): Promise<number> => (await readdir(join(this.areas.data, folder))).length;
    return { layers: await count('layers'), work: await count('image-work') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.registry[Symbol.asyncDispose]();
    await this.areas[Symbol.asyncDispose]();
  }

  #lines(): TransferLines {
    return {
      say: (status, id) => void this.said.push(id === undefined ? status : `${id}: ${status}`),
      bar: () => undefined,
      aux: () => undefined,
      fail: () => undefined,
    };
  }
}
