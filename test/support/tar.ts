// Makes tar archives entry by entry, also ones no archiver would write.

/** One entry; everything but the name has a default. */
export interface TarEntry {
  readonly name: string;
  /** A typeflag: "0" file, "1" hard link, "2" symlink, "3" character device, "5" folder, "6" fifo … */
  readonly type?: string;
  readonly data?: string | Uint8Array;
  readonly link?: string;
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Unix seconds. */
  readonly mtime?: number;
  readonly major?: number;
  readonly minor?: number;
  /** Records of a PAX header that precedes the entry. */
  readonly pax?: Readonly<Record<string, string>>;
  /** Written into the size field instead of the length of the data. */
  readonly size?: string;
}

/** An archive of entries, with its two closing blocks. */
export function tarOf(...entries: readonly TarEntry[]): Buffer {
  return Buffer.concat([...entries.map(tarEntry), Buffer.alloc(1024)]);
}

/** One entry with its PAX header, padded. */
export function tarEntry(entry: TarEntry): Buffer {
  const data = Buffer.from(entry.data ?? '');
  const pax = entry.pax === undefined ? [] : [tarEntry({ name: 'pax', type: 'x', data: paxRecords(entry.pax) })];
  return Buffer.concat([...pax, header(entry, data.length), data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

/** `LENGTH KEY=VALUE\n` for each record; the length counts itself. */
export function paxRecords(records: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries(records).map(([key, value]) => {
    const rest = Buffer.byteLength(` ${key}=${value}\n`);
    let length = rest + String(rest).length;
    if (String(length).length > String(rest).length) length = rest + String(length).length;
    return `${length} ${key}=${value}\n`;
  });
  return Buffer.from(lines.join(''));
}

function header(entry: TarEntry, length: number): Buffer {
  const block = Buffer.alloc(512);
  const octal = (value: number, width: number): string => value.toString(8).padStart(width - 1, '0');
  block.write(entry.name, 0, 100);
  block.write(octal(entry.mode ?? 0o644, 8), 100);
  block.write(octal(entry.uid ?? 0, 8), 108);
  block.write(octal(entry.gid ?? 0, 8), 116);
  block.write(entry.size ?? octal(length, 12), 124);
  block.write(octal(entry.mtime ?? 1_700_000_000, 12), 136);
  block.write('        ', 148);
  block.write(entry.type ?? '0', 156);
  block.write(entry.link ?? '', 157, 100);
  block.write('ustar\u000000', 257);
  block.write(octal(entry.major ?? 0, 8), 329);
  block.write(octal(entry.minor ?? 0, 8), 337);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 7)}\0 `, 148);
  return block;
}
