// Calls on one network.
import type { EndpointConfig, Maybe } from '../api/containers.ts';
import type { NetworkInspect } from '../api/objects.ts';
import { splitSignal, type CallOptions } from './call.ts';
import type { Transport } from './transport.ts';

/** A handle; the id may be an id, a unique prefix of one, or a name. */
export class Network {
  readonly modem: Transport;
  readonly id: string;

  constructor(modem: Transport, id: string) {
    this.modem = modem;
    this.id = id;
  }

  async inspect(options: CallOptions & { readonly verbose?: boolean } = {}): Promise<NetworkInspect> {
    return await this.modem.json({ method: 'GET', path: this.#path(), ...splitSignal(options) });
  }

  async connect(
    options: CallOptions & { readonly Container: string; readonly EndpointConfig?: Maybe<EndpointConfig> },
  ): Promise<void> {
    const { abortSignal, ...body } = options;
    await this.modem.read({ method: 'POST', path: `${this.#path()}/connect`, body, abortSignal });
  }

  async disconnect(options: CallOptions & { readonly Container: string; readonly Force?: boolean }): Promise<void> {
    const { abortSignal, ...body } = options;
    await this.modem.read({ method: 'POST', path: `${this.#path()}/disconnect`, body, abortSignal });
  }

  async remove(options: CallOptions = {}): Promise<void> {
    await this.modem.read({ method: 'DELETE', path: this.#path(), abortSignal: options.abortSignal });
  }

  #path(): string {
    return `/networks/${encodeURIComponent(this.id)}`;
  }
}
