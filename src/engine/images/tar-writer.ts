// Writes the plain tar of an image archive: files and folders with short names that this engine made.
import { invariant } from '../../base/error.ts';

const BLOCK = 512;
/** What eleven octal digits hold; larger sizes are written in base 256. */
const MAX_OCTAL = 8 ** 11 - 1;

/** A file of an archive. */
export interface TarFile {
  /** At most 100 bytes of ASCII. */
  readonly name: string;
  readonly size: number;
  /** Unix seconds. */
  readonly mtime: number;
}

/** The header and content of a file; throws when the content has another size than was said. */
export async function* tarFile(
  file: TarFile,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield header(file, { type: '0', mode: 0o644 });
  let written = 0;
  for await (const chunk of content) {
    written += chunk.length;
    yield chunk;
  }
  invariant(written === file.size, `${file.name} is ${file.size} bytes`);
  const rest = (BLOCK - (file.size % BLOCK)) % BLOCK;
  if (rest > 0) yield Buffer.alloc(rest);
}

/** The entry of a folder; its name ends with a slash. */
export function tarFolder(name: string): Uint8Array {
  return header({ name, size: 0, mtime: 0 }, { type: '5', mode: 0o755 });
}

/** What closes an archive. */
export function tarEnd(): Uint8Array {
  return Buffer.alloc(2 * BLOCK);
}

function header({ name, size, mtime }: TarFile, kind: { readonly type: string; readonly mode: number }): Buffer {
  invariant(Buffer.byteLength(name) <= 100, 'a name fits into a header');
  const block = Buffer.alloc(BLOCK);
  block.write(name, 0);
  block.write(octal(kind.mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  writeSize(block, size);
  block.write(octal(Math.max(0, Math.min(mtime, MAX_OCTAL)), 11), 136);
  block.write('        ', 148);
  block.write(kind.type, 156);
  block.write('ustar\u000000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function writeSize(block: Buffer, size: number): void {
  if (size <= MAX_OCTAL) {
    block.write(octal(size, 11), 124);
    return;
  }
  block[124] = 0x80;
  block.writeBigUInt64BE(BigInt(size), 128);
}
