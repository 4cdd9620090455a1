// Requests and replies over one stream to the zygote or a shim: ids match them, events go to a listener.
import type { Duplex } from 'node:stream';
import { GantryError } from '../../base/error.ts';
import { decodeFields, encodeMessage, MessageReader, type RawMessage, type ValuesOf } from './codec.ts';
import { failureError, failureFrom } from './failure.ts';
import { MESSAGES, type RecordRow } from './records.ts';

/** Who is told of what comes unasked. */
export interface ChannelListener {
  event(message: RawMessage): void;
  /** Once, when the other end is gone; what waited has been rejected before. */
  closed(): void;
}

interface Pending {
  readonly reply: RecordRow;
  resolve(body: Buffer): void;
  reject(error: Error): void;
}

/** A connection with numbered requests. */
export class Channel {
  readonly #stream: Duplex;
  readonly #listener: ChannelListener;
  readonly #pending = new Map<number, Pending>();
  readonly #reader = new MessageReader();
  #lastId = 0;
  #open = true;

  constructor(stream: Duplex, listener: ChannelListener) {
    this.#stream = stream;
    this.#listener = listener;
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('error', () => this.#close());
    stream.on('close', () => this.#close());
    stream.on('end', () => stream.destroy());
  }

  get isOpen(): boolean {
    return this.#open;
  }

  /** Sends a request; a `failed` reply rejects with an error that carries the failure. */
  async request<R extends RecordRow, A extends RecordRow>(row: R, values: ValuesOf<R>, reply: A): Promise<ValuesOf<A>> {
    if (!this.#open) throw lost();
    const id = (this.#lastId = (this.#lastId % 0xffff_ffff) + 1);
    const frame = encodeMessage(row, id, values);
    const answered = new Promise<Buffer>((resolve, reject) => this.#pending.set(id, { reply, resolve, reject }));
    this.#stream.write(frame);
    return decodeFields(reply, await answered);
  }

  /** Ends the connection; the other side goes on. */
  destroy(): void {
    this.#stream.destroy();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const message of this.#reader.push(chunk)) this.#dispatch(message);
    } catch (error) {
      this.#stream.destroy(error instanceof Error ? error : undefined);
    }
  }

  #dispatch(message: RawMessage): void {
    const pending = this.#pending.get(message.id);
    if (message.id === 0 || pending === undefined) {
      this.#listener.event(message);
      return;
    }
    this.#pending.delete(message.id);
    if (message.type === pending.reply.type) pending.resolve(message.body);
    else if (message.type === MESSAGES.failed.type)
      pending.reject(failureError(failureFrom(decodeFields(MESSAGES.failed, message.body))));
    else pending.reject(new GantryError('runtime/protocol', `reply of type ${message.type} was not expected`));
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const pending of this.#pending.values()) pending.reject(lost());
    this.#pending.clear();
    this.#listener.closed();
  }
}

function lost(): GantryError {
  return new GantryError('runtime/shim-lost', 'the connection to the runtime process is gone');
}
