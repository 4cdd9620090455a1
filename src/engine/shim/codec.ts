// Encodes and decodes the rows of records.ts. Knows the wire, not what the records mean.
import { GantryError, invariant } from '../../base/error.ts';
import { MAX_MESSAGE, type FieldType, type RecordRow } from './records.ts';

interface FieldValues {
  readonly u32: number;
  readonly i32: number;
  readonly u64: bigint;
  readonly str: string;
  readonly bytes: Uint8Array;
  readonly strs: readonly string[];
}

/** The values of a row's fields. */
export type ValuesOf<R extends RecordRow> = { readonly [K in keyof R['fields']]: FieldValues[R['fields'][K]] };

/** Encodes one plan record: header and body. */
export function encodeRecord<R extends RecordRow>(row: R, values: ValuesOf<R>): Buffer {
  const body = encodeFields(row, values);
  const head = Buffer.alloc(8);
  head.writeUInt16LE(row.type, 0);
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

/** Encodes one message with its length in front. Throws runtime/protocol when it is over MAX_MESSAGE. */
export function encodeMessage<R extends RecordRow>(row: R, id: number, values: ValuesOf<R>): Buffer {
  const body = encodeFields(row, values);
  if (body.length + 8 > MAX_MESSAGE)
    throw new GantryError('runtime/protocol', `message of ${body.length} bytes is too large`);
  const head = Buffer.alloc(12);
  head.writeUInt32LE(body.length + 8, 0);
  head.writeUInt16LE(row.type, 4);
  head.writeUInt32LE(id, 8);
  return Buffer.concat([head, body]);
}

/** A message as it came: its type, id and undecoded body. */
export interface RawMessage {
  readonly type: number;
  readonly id: number;
  readonly body: Buffer;
}

/** Cuts a byte stream into messages; keeps at most one incomplete message. */
export class MessageReader {
  #pending: Buffer = Buffer.alloc(0);

  /** Adds bytes and gives the messages that are now complete. Throws runtime/protocol on an impossible length. */
  push(chunk: Buffer): RawMessage[] {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    const messages: RawMessage[] = [];
    for (let length = this.#nextLength(); length !== undefined; length = this.#nextLength()) {
      const frame = this.#pending.subarray(4, 4 + length);
      messages.push({ type: frame.readUInt16LE(0), id: frame.readUInt32LE(4), body: frame.subarray(8) });
      this.#pending = this.#pending.subarray(4 + length);
    }
    return messages;
  }

  #nextLength(): number | undefined {
    if (this.#pending.length < 4) return undefined;
    const length = this.#pending.readUInt32LE(0);
    if (length < 8 || length > MAX_MESSAGE)
      throw new GantryError('runtime/protocol', `impossible message length ${length}`);
    return this.#pending.length >= 4 + length ? length : undefined;
  }
}

/** Decodes a body by its row. Throws runtime/protocol when bytes are missing or left over. */
export function decodeFields<R extends RecordRow>(row: R, body: Buffer): ValuesOf<R> {
  const cursor = { at: 0, body };
  const values: Record<string, unknown> = {};
  for (const [name, type] of Object.entries(row.fields)) values[name] = decodeField(type, cursor);
  if (cursor.at !== body.length)
    throw new GantryError('runtime/protocol', `record ${row.type}: ${body.length - cursor.at} bytes left over`);
  return values as ValuesOf<R>;
}

interface Cursor {
  at: number;
  readonly body: Buffer;
}

function encodeFields<R extends RecordRow>(row: R, values: ValuesOf<R>): Buffer {
  const given = values as Readonly<Record<string, unknown>>;
  return Buffer.concat(Object.entries(row.fields).map(([name, type]) => encodeField(type, given[name], name)));
}

function encodeField(type: FieldType, value: unknown, name: string): Buffer {
  switch (type) {
    case 'u32':
      return number32((value as number) >>> 0, value === (value as number) >>> 0, name);
    case 'i32':
      return number32((value as number) >>> 0, value === ((value as number) | 0), name);
    case 'u64':
      return number64(value as bigint);
    case 'str':
      return encodeString(value as string, name);
    case 'bytes':
      return Buffer.concat([number32((value as Uint8Array).length, true, name), value as Uint8Array]);
    case 'strs':
      return encodeStrings(value as readonly string[], name);
  }
}

function number32(value: number, exact: boolean, name: string): Buffer {
  invariant(exact, `field ${name} is no 32-bit number`);
  const out = Buffer.alloc(4);
  out.writeUInt32LE(value);
  return out;
}

function number64(value: bigint): Buffer {
  const out = Buffer.alloc(8);
  out.writeBigUInt64LE(value);
  return out;
}

function encodeString(value: string, name: string): Buffer {
  const bytes = Buffer.from(value, 'utf8');
  if (bytes.includes(0)) throw new GantryError('engine/bad-parameter', `${name}: a NUL byte is not allowed`);
  return Buffer.concat([number32(bytes.length, true, name), bytes, Buffer.alloc(1)]);
}

function encodeStrings(values: readonly string[], name: string): Buffer {
  return Buffer.concat([number32(values.length, true, name), ...values.map((value) => encodeString(value, name))]);
}

function decodeField(type: FieldType, cursor: Cursor): unknown {
  switch (type) {
    case 'u32':
      return take(cursor, 4).readUInt32LE();
    case 'i32':
      return take(cursor, 4).readInt32LE();
    case 'u64':
      return take(cursor, 8).readBigUInt64LE();
    case 'str':
      return decodeString(cursor);
    case 'bytes':
      return Buffer.from(take(cursor, take(cursor, 4).readUInt32LE()));
    case 'strs':
      return Array.from({ length: take(cursor, 4).readUInt32LE() }, () => decodeString(cursor));
  }
}

function decodeString(cursor: Cursor): string {
  const text = take(cursor, take(cursor, 4).readUInt32LE()).toString('utf8');
  take(cursor, 1);
  return text;
}

function take(cursor: Cursor, length: number): Buffer {
  if (cursor.at + length > cursor.body.length) throw new GantryError('runtime/protocol', 'record is cut short');
  cursor.at += length;
  return cursor.body.subarray(cursor.at - length, cursor.at);
}
