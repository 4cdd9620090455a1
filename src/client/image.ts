// Calls on one image. The name may be a reference, an id or a unique prefix of one; it may hold slashes and colons.
import type { Readable } from 'node:stream';
import type { HistoryItem, ImageDeleteItem, ImageInspect } from '../api/objects.ts';
import type { RegistryAuth } from './build.ts';
import { splitSignal, type CallOptions } from './call.ts';
import { authHeader, type DistributionAnswer, type PushOptions } from './registry.ts';
import type { Transport } from './transport.ts';

/** A handle. */
export class Image {
  readonly modem: Transport;
  readonly name: string;

  constructor(modem: Transport, name: string) {
    this.modem = modem;
    this.name = name;
  }

  async inspect(options: CallOptions = {}): Promise<ImageInspect> {
    return await this.modem.json({ method: 'GET', path: this.#path('json'), abortSignal: options.abortSignal });
  }

  async history(options: CallOptions = {}): Promise<readonly HistoryItem[]> {
    return await this.modem.json({ method: 'GET', path: this.#path('history'), abortSignal: options.abortSignal });
  }

  /** The image with its names as an archive; several at once by `getImages` of the client. */
  async get(options: CallOptions & { readonly platform?: string | undefined } = {}): Promise<Readable> {
    return await this.modem.open({ method: 'GET', path: this.#path('get'), ...splitSignal(options) });
  }

  async tag(options: CallOptions & { readonly repo: string; readonly tag?: string | undefined }): Promise<void> {
    await this.modem.read({ method: 'POST', path: this.#path('tag'), ...splitSignal(options) });
  }

  /** Pushes the image; the stream tells of the progress. */
  async push(options: PushOptions = {}): Promise<Readable> {
    const { abortSignal, authconfig, tag } = options;
    const headers = authHeader(authconfig);
    return await this.modem.open({ method: 'POST', path: this.#path('push'), query: { tag }, headers, abortSignal });
  }

  /** What the registry has under this name. */
  async distribution(
    options: CallOptions & { readonly authconfig?: RegistryAuth | undefined } = {},
  ): Promise<DistributionAnswer> {
    const path = this.#path('json').replace(/^\/images\//, '/distribution/');
    const headers = authHeader(options.authconfig);
    return await this.modem.json({ method: 'GET', path, headers, abortSignal: options.abortSignal });
  }

  async remove(
    options: CallOptions & { readonly force?: boolean | undefined; readonly noprune?: boolean | undefined } = {},
  ): Promise<readonly ImageDeleteItem[]> {
    return await this.modem.json({ method: 'DELETE', path: this.#path(''), ...splitSignal(options) });
  }

  #path(action: string): string {
    // the engine's image segment is greedy; slashes stay as they are, as Docker's own client sends them
    const name = encodeURIComponent(this.name).replaceAll('%2F', '/').replaceAll('%3A', ':');
    return action === '' ? `/images/${name}` : `/images/${name}/${action}`;
  }
}
