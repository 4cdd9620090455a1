// Calls on one prepared command of a container.
import type { ExecInspect, StartExecBody } from '../api/containers.ts';
import type { CallOptions } from './call.ts';
import { hijack, type Hijacked } from './hijack.ts';
import type { Transport } from './transport.ts';

/** A handle of an exec. */
export class Exec {
  readonly modem: Transport;
  readonly id: string;

  constructor(modem: Transport, id: string) {
    this.modem = modem;
    this.id = id;
  }

  /** Runs it attached and gives its streams, framed unless it has a terminal. */
  async start(options: StartExecBody & CallOptions = {}): Promise<Hijacked> {
    const { abortSignal, ...body } = options;
    return await hijack(this.modem, { method: 'POST', path: this.#path('start'), body, abortSignal });
  }

  /** Runs it with nobody attached; resolves once it runs. */
  async startDetached(options: CallOptions = {}): Promise<void> {
    const { abortSignal } = options;
    const path = this.#path('start');
    await this.modem.read({ method: 'POST', path, body: { Detach: true }, abortSignal, alone: true });
  }

  async resize(options: CallOptions & { readonly h: number; readonly w: number }): Promise<void> {
    const { abortSignal, ...query } = options;
    await this.modem.read({ method: 'POST', path: this.#path('resize'), query, abortSignal });
  }

  async inspect(options: CallOptions = {}): Promise<ExecInspect> {
    return await this.modem.json({ method: 'GET', path: this.#path('json'), abortSignal: options.abortSignal });
  }

  #path(action: string): string {
    return `/exec/${encodeURIComponent(this.id)}/${action}`;
  }
}
