// A raw connection to the zygote or a shim, for tests of the C code: no retries, no wording, every message in view.
import type { Duplex } from 'node:stream';
import { connect } from 'node:net';
import {
  decodeFields,
  encodeMessage,
  MessageReader,
  type RawMessage,
  type ValuesOf,
} from '../../src/engine/shim/codec.ts';
import { MESSAGES, STEPS, WIRE_VERSION, type RecordRow } from '../../src/engine/shim/records.ts';

/** What a `failed` reply says. */
export interface WireFailure {
  readonly step: string;
  readonly errno: number;
  readonly path: string;
}

/** A reply of the wrong kind: `failure` is set when it was `failed`. */
export class WireError extends Error {
  readonly failure: WireFailure;

  constructor(failure: WireFailure) {
    super(`failed: ${failure.step} errno ${failure.errno} ${failure.path}`);
    this.failure = failure;
  }
}

type Waiting = (message: RawMessage) => void;

/** One stream of messages. */
export class Wire {
  readonly #stream: Duplex;
  readonly #reader = new MessageReader();
  readonly #replies = new Map<number, Waiting>();
  readonly #events: RawMessage[] = [];
  readonly #eventWaiters: { type: number; resolve: Waiting }[] = [];
  /** Settles when the other side is gone. */
  readonly closed: Promise<void>;
  #lastId = 0;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => this.#reader.push(chunk).forEach((message) => this.#take(message)));
    stream.on('error', () => undefined);
    stream.once('end', () => stream.destroy());
    this.closed = new Promise((resolve) => stream.once('close', () => resolve()));
  }

  /** Sends a request and gives its reply, which must be of `reply`'s kind; a `failed` one throws a WireError. */
  async ask<Q extends RecordRow, A extends RecordRow>(row: Q, values: ValuesOf<Q>, reply: A): Promise<ValuesOf<A>> {
    const id = (this.#lastId += 1);
    const answered = new Promise<RawMessage>((resolve, reject) => {
      this.#replies.set(id, resolve);
      void this.closed.then(() => reject(new Error('connection closed before the reply')));
    });
    this.#stream.write(encodeMessage(row, id, values));
    const message = await answered;
    if (message.type === MESSAGES.failed.type && reply.type !== MESSAGES.failed.type)
      throw new WireError(failureOf(message));
    if (message.type !== reply.type) throw new Error(`reply of type ${message.type} instead of ${reply.type}`);
    return decodeFields(reply, message.body);
  }

  /** The next event of this kind, also one that came before. */
  async event<R extends RecordRow>(row: R): Promise<ValuesOf<R>> {
    const at = this.#events.findIndex((message) => message.type === row.type);
    if (at >= 0) return decodeFields(row, this.#events.splice(at, 1)[0]?.body ?? Buffer.alloc(0));
    const message = await new Promise<RawMessage>((resolve, reject) => {
      this.#eventWaiters.push({ type: row.type, resolve });
      void this.closed.then(() => reject(new Error('connection closed before the event')));
    });
    return decodeFields(row, message.body);
  }

  /** Sends bytes as they are. */
  raw(bytes: Uint8Array): void {
    this.#stream.write(bytes);
  }

  close(): void {
    this.#stream.destroy();
  }

  #take(message: RawMessage): void {
    const reply = this.#replies.get(message.id);
    if (message.id !== 0 && reply !== undefined) {
      this.#replies.delete(message.id);
      reply(message);
      return;
    }
    const at = this.#eventWaiters.findIndex((waiter) => waiter.type === message.type);
    if (at >= 0) this.#eventWaiters.splice(at, 1)[0]?.resolve(message);
    else this.#events.push(message);
  }
}

function failureOf(message: RawMessage): WireFailure {
  const { step, errno, path } = decodeFields(MESSAGES.failed, message.body);
  return { step: STEPS[step] ?? String(step), errno, path };
}

/** The wire of a shim and the state it told when greeted. */
export interface ShimWire {
  readonly wire: Wire;
  readonly state: ValuesOf<typeof MESSAGES.state>;
}

/** Connects to a shim's control socket and says hello. */
export async function connectShim(dir: string): Promise<ShimWire> {
  const wire = new Wire(await connectSocket(`${dir}/ctl`));
  return { wire, state: await wire.ask(MESSAGES.hello, { version: WIRE_VERSION }, MESSAGES.state) };
}

/** A connected unix socket; half-close stays possible. */
export async function connectSocket(path: string): Promise<Duplex> {
  return await new Promise((resolve, reject) => {
    const socket = connect({ path, allowHalfOpen: true });
    socket.once('connect', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** What an attach client got. */
export interface Attached {
  /** The length of the log when the attaching happened. */
  readonly logOffset: bigint;
  readonly stream: Duplex;
  /** Everything sent until the shim closed: by stream number (0 for a terminal's raw bytes). */
  readonly output: Promise<Readonly<Record<0 | 1 | 2, string>>>;
  /** Settles when the output so far contains the text. */
  until(text: string): Promise<void>;
}

/** Attaches: flags are ATTACH_FLAGS; `tty` says that no frames come. */
export async function attach(path: string, flags: number, tty = false): Promise<Attached> {
  const stream = await connectSocket(path);
  const state = { raw: Buffer.alloc(0), wake: (): void => undefined };
  const head = Buffer.from([0x47, 0x41, flags, 0, 0, 0, 0, 0]);
  const ended = new Promise<void>((resolve) => stream.once('end', () => resolve()).once('error', () => resolve()));
  const greeted = new Promise<void>((resolve, reject) => {
    stream.on('data', (chunk: Buffer) => {
      state.raw = Buffer.concat([state.raw, chunk]);
      if (state.raw.length >= 8) resolve();
      state.wake();
    });
    stream.once('close', () => reject(new Error('attach was refused')));
  });
  stream.write(head);
  await greeted;
  return {
    logOffset: state.raw.readBigUInt64LE(0),
    stream,
    output: ended.then(() => {
      stream.destroy();
      return demux(state.raw.subarray(8), tty);
    }),
    until: async (text) => {
      while (!state.raw.subarray(8).includes(text)) await new Promise<void>((resolve) => (state.wake = resolve));
    },
  };
}

function demux(raw: Buffer, tty: boolean): Readonly<Record<0 | 1 | 2, string>> {
  if (tty) return { 0: raw.toString(), 1: '', 2: '' };
  const parts: Record<1 | 2, Buffer[]> = { 1: [], 2: [] };
  for (let at = 0; at < raw.length; at += 8 + raw.readUInt32BE(at + 4)) {
    const stream = raw.readUInt8(at);
    if (stream !== 1 && stream !== 2) throw new Error(`frame of stream ${stream}`);
    parts[stream].push(raw.subarray(at + 8, at + 8 + raw.readUInt32BE(at + 4)));
  }
  return { 0: '', 1: Buffer.concat(parts[1]).toString(), 2: Buffer.concat(parts[2]).toString() };
}
