// Calls on one volume.
import type { Volume as VolumeAnswer } from '../api/objects.ts';
import { splitSignal, type CallOptions } from './call.ts';
import type { Transport } from './transport.ts';

/** A handle. */
export class Volume {
  readonly modem: Transport;
  readonly name: string;

  constructor(modem: Transport, name: string) {
    this.modem = modem;
    this.name = name;
  }

  async inspect(options: CallOptions = {}): Promise<VolumeAnswer> {
    return await this.modem.json({ method: 'GET', path: this.#path(), abortSignal: options.abortSignal });
  }

  /** With `force` an absent volume is no error. */
  async remove(options: CallOptions & { readonly force?: boolean } = {}): Promise<void> {
    await this.modem.read({ method: 'DELETE', path: this.#path(), ...splitSignal(options) });
  }

  #path(): string {
    return `/volumes/${encodeURIComponent(this.name)}`;
  }
}
