// Reads the entries of an image archive: ustar, GNU long names, PAX path and size. Bounded: headers of at most 1 MiB, a
// cap on entries. Names are what the archive says; whoever uses them must never make a path of one.
import { GantryError } from '../../../base/error.ts';
import { byteReader, type ByteReader } from './byte-reader.ts';

/** One entry. Its content can be read until the next entry is asked for. */
export interface ArchiveEntry {
  readonly name: string;
  readonly kind: 'file' | 'symlink' | 'link' | 'other';
  /** What a link points to. */
  readonly link: string;
  readonly size: number;
  readonly content: AsyncIterable<Uint8Array>;
}

const BLOCK = 512;
/** Cap on one PAX header or long name. */
const MAX_HEADER = 1024 * 1024;
const MAX_NAME = 4096;
/** Far above what any set of images has. */
const MAX_ENTRIES = 100_000;

/** The entries of a plain tar, in order. Throws engine/bad-parameter for what is no tar. */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEntry> {
  const reader = byteReader(source);
  try {
    yield* entriesOf(reader);
    await reader.drain();
  } finally {
    await reader.close();
  }
}

async function* entriesOf(reader: ByteReader): AsyncGenerator<ArchiveEntry> {
  let extra: Extra = {};
  for (let entries = 0; ; entries += 1) {
    if (entries > MAX_ENTRIES) throw bad(`it holds more than ${MAX_ENTRIES} entries`);
    const block = await reader.read(BLOCK);
    if (block === undefined || block.every((byte) => byte === 0)) return;
    checkSum(block);
    const type = String.fromCharCode(block[156] ?? 0);
    if ('xgLK'.includes(type)) {
      extra = { ...extra, ...(await readExtra(reader, { type, size: numberAt(block, 124) })) };
      continue;
    }
    yield* entryOf(reader, { block, type, extra });
    extra = {};
  }
}

/** What a header in front of an entry says about it. */
interface Extra {
  readonly name?: string;
  readonly link?: string;
  readonly size?: number;
}

interface Header {
  readonly block: Buffer;
  readonly type: string;
  readonly extra: Extra;
}

async function* entryOf(reader: ByteReader, { block, type, extra }: Header): AsyncGenerator<ArchiveEntry> {
  const kind = kindOf(type);
  const isEmpty = kind === 'link' || kind === 'symlink' || '3456'.includes(type);
  const size = isEmpty ? 0 : (extra.size ?? numberAt(block, 124));
  const content = reader.chunks(size);
  yield { name: extra.name ?? nameOf(block), kind, link: extra.link ?? textAt(block, 157, 100), size, content };
  // what nobody read
  while ((await content.next()).done !== true);
  await reader.read(padding(size));
}

function kindOf(type: string): ArchiveEntry['kind'] {
  if (type === '0' || type === '\0' || type === '7') return 'file';
  if (type === '1') return 'link';
  if (type === '2') return 'symlink';
  if (!/^[3-6]$/.test(type)) throw bad('it holds an entry of an unknown type');
  return 'other';
}

function nameOf(block: Buffer): string {
  const name = textAt(block, 0, 100);
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? textAt(block, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

async function readExtra(reader: ByteReader, { type, size }: { type: string; size: number }): Promise<Extra> {
  if (size > MAX_HEADER) throw bad('a header of it is larger than 1 MiB');
  const bytes = (await reader.read(size)) ?? Buffer.alloc(0);
  await reader.read(padding(size));
  if (type === 'g') return {};
  if (type === 'x') return paxOf(bytes);
  const text = checkedName(bytes.toString('utf8').replace(/\0.*$/s, ''));
  return type === 'L' ? { name: text } : { link: text };
}

/** `LENGTH KEY=VALUE\n`, the length counting the whole record. */
function paxOf(bytes: Buffer): Extra {
  let extra: Extra = {};
  for (let at = 0; at < bytes.length;) {
    const digits = /^(\d{1,7}) /.exec(bytes.toString('latin1', at, at + 8))?.[1];
    const end = at + Number(digits);
    if (digits === undefined || end > bytes.length || bytes[end - 1] !== 0x0a || Number(digits) < digits.length + 4) {
      throw bad('a PAX record is malformed');
    }
    const record = bytes.toString('utf8', at + digits.length + 1, end - 1);
    const equals = record.indexOf('=');
    extra = { ...extra, ...paxField(record.slice(0, equals), record.slice(equals + 1)) };
    at = end;
  }
  return extra;
}

function paxField(key: string, value: string): Extra {
  if (key === 'path') return { name: checkedName(value) };
  if (key === 'linkpath') return { link: checkedName(value) };
  if (key.startsWith('GNU.sparse.')) throw bad('sparse files are not supported');
  if (key !== 'size') return {};
  if (!/^\d{1,15}$/.test(value)) throw bad('a number in its header is no valid one');
  return { size: Number(value) };
}

function checkedName(name: string): string {
  if (name.length > MAX_NAME || name.includes('\0')) throw bad('a path in it is too long');
  return name;
}

function checkSum(block: Buffer): void {
  const found = numberAt(block, 148, 8);
  const sum = block.reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
  if (sum !== found) throw bad('this is no tar archive, or it is damaged');
}

/** Octal, or base 256 when the top bit is set. */
function numberAt(block: Buffer, at: number, length = 12): number {
  if (((block[at] ?? 0) & 0x80) !== 0) {
    const value = block.readBigUInt64BE(at + length - 8);
    const high = block.subarray(at + 1, at + length - 8);
    if (block[at] !== 0x80 || high.some((byte) => byte !== 0) || value > BigInt(Number.MAX_SAFE_INTEGER)) {
      throw bad('a number in its header is no valid one');
    }
    return Number(value);
  }
  const text = block.toString('latin1', at, at + length).replace(/^ +|[ \0]+$/g, '');
  if (!/^[0-7]*$/.test(text)) throw bad('this is no tar archive, or it is damaged');
  return Number.parseInt(text === '' ? '0' : text, 8);
}

function textAt(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at);
  return block.toString('utf8', at, end < 0 ? at + length : Math.min(end, at + length));
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function bad(reason: string): GantryError {
  return new GantryError('engine/bad-parameter', `cannot read the archive: ${reason}`);
}
