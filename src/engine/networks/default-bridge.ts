// Takes the default network's links and rules away when its last container has gone: unlike other networks nobody ever
// removes it, and an engine at rest should leave nothing on the host. The next container makes them again.
import { messageOf } from '../../base/error.ts';
import type { Logger } from '../../base/log.ts';
import { KeyedMutex } from '../../base/semaphore.ts';
import type { Allocations } from './allocations.ts';
import type { NetworkDriver, NetworkSpec } from './types.ts';

/** Containers often come one after the other. */
const PAUSE_MS = 1000;
/** Longest time a removal may take. */
const REMOVAL_MS = 10_000;

/** What it works with. */
export interface DefaultBridgeOptions {
  readonly driver: NetworkDriver;
  readonly allocations: Allocations;
  readonly log: Logger;
  readonly network: () => NetworkSpec | undefined;
}

/** The keeper of the default bridge. */
export interface DefaultBridge {
  /** The driver, with making and removing of the default bridge one after the other. */
  readonly driver: NetworkDriver;
  /** To be called when addresses were given back. */
  released(): void;
  close(): void;
}

/** Callers take an address before they ask for the bridge, so a removal sees that it is wanted, or has ended by then. */
export function keepDefaultBridge(options: DefaultBridgeOptions): DefaultBridge {
  const { driver, log } = options;
  const lock = new KeyedMutex();
  let isMade = true; // by an engine before this one, for all that is known
  let timer: NodeJS.Timeout | undefined;
  const wanted = (): boolean => options.allocations.endpointsOf(options.network()?.id ?? '').length > 0;
  const remove = async (): Promise<void> => {
    const network = options.network();
    if (network === undefined || wanted()) return;
    await driver.removeNetwork(network, { signal: AbortSignal.timeout(REMOVAL_MS) });
    isMade = false;
  };
  const expire = (): void => {
    timer = undefined;
    lock.run('bridge', remove).catch((error: unknown) => log.warn('default bridge stays', { error: messageOf(error) }));
  };
  return {
    driver: {
      ...driver,
      ensureNetwork: async (network, waiting) => {
        const make = async (): Promise<void> => driver.ensureNetwork(network, waiting);
        if (!network.isDefault) {
          await make();
          return;
        }
        isMade = true;
        await lock.run('bridge', make);
      },
    },
    released() {
      if (isMade && timer === undefined && !wanted()) timer = setTimeout(expire, PAUSE_MS);
    },
    close: () => clearTimeout(timer),
  };
}
