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

const RECORD_HEAD = 8;
const MESSAGE_HEAD = 12;

/** Encodes one plan record: header and body. */
export function encodeRecord<R extends RecordRow>(row: R, values: ValuesOf<R>): Buffer {
  const out = encodeFields(row, values, RECORD_HEAD);
  out.writeUInt16LE(row.type, 0);
  out.writeUInt32LE(out.length - RECORD_HEAD, 4);
  return out;
}

/** Encodes one message with its length in front. Throws runtime/protocol when it is over MAX_MESSAGE. */
export function encodeMessage<R extends RecordRow>(row: R, id: number, values: ValuesOf<R>): Buffer {
  const out = encodeFields(row, values, MESSAGE_HEAD);
  if (out.length - 4 > MAX_MESSAGE)
    throw new GantryError('runtime/protocol', `message of ${out.length - MESSAGE_HEAD} bytes is too large`);
  out.writeUInt32LE(out.length - 4, 0);
  out.writeUInt16LE(row.type, 4);
  out.writeUInt32LE(id, 8);
  return out;
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

/** Zeroed room for a head, then the fields: measured first, so that each plan costs one buffer a record and no copies. */
function encodeFields<R extends RecordRow>(row: R, values: ValuesOf<R>, head: number): Buffer {
  const given = values as Readonly<Record<string, unknown>>;
  let size = head;
  for (const name in row.fields) size += sizeOf(row.fields[name] ?? 'u32', given[name]);
  const out = Buffer.alloc(size);
  let at = head;
  for (const name in row.fields)
    at = writeField(out, at, { name, type: row.fields[name] ?? 'u32', value: given[name] });
  return out;
}

function sizeOf(type: FieldType, value: unknown): number {
  switch (type) {
    case 'u32':
    case 'i32':
      return 4;
    case 'u64':
      return 8;
    case 'str':
      return stringSize(value as string);
    case 'bytes':
      return 4 + (value as Uint8Array).length;
    case 'strs':
      return (value as readonly string[]).reduce((sum, text) => sum + stringSize(text), 4);
  }
}

/** Length, bytes and a NUL. */
function stringSize(text: string): number {
  return Buffer.byteLength(text) + 5;
}

interface Field {
  readonly name: string;
  readonly type: FieldType;
  readonly value: unknown;
}

/** Writes one field and gives the place behind it. */
function writeField(out: Buffer, at: number, { name, type, value }: Field): number {
  switch (type) {
    case 'u32':
      invariant(value === (value as number) >>> 0, `field ${name} is no 32-bit number`);
      return out.writeUInt32LE(value, at);
    case 'i32':
      invariant(value === ((value as number) | 0), `field ${name} is no 32-bit number`);
      return out.writeInt32LE(value, at);
    case 'u64':
      return out.writeBigUInt64LE(value as bigint, at);
    case 'str':
      return writeString(out, at, { name, text: value as string });
    case 'bytes':
      out.set(value as Uint8Array, out.writeUInt32LE((value as Uint8Array).length, at));
      return at + 4 + (value as Uint8Array).length;
    case 'strs': {
      const texts = value as readonly string[];
      return texts.reduce(
        (place, text) => writeString(out, place, { name, text }),
        out.writeUInt32LE(texts.length, at),
      );
    }
  }
}

function writeString(out: Buffer, at: number, { name, text }: { name: string; text: string }): number {
  if (text.includes('\0')) throw new GantryError('engine/bad-parameter', `${name}: a NUL byte is not allowed`);
  const length = out.write(text, at + 4);
  out.writeUInt32LE(length, at);
  return at + length + 5;
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
