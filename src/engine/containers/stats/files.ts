// Reads small files of cgroups and procfs. What is not there reads as nothing: a container may end while it is read.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Numbers by their first word. */
export type Numbers = Readonly<Record<string, number>>;

/** A file's text; "" when the folder is "" or the file is gone. */
export async function textOf(folder: string, name: string): Promise<string> {
  if (folder === '') return '';
  try {
    return await readFile(join(folder, name), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && GONE.has(String(error.code))) return '';
    throw error;
  }
}

const GONE = new Set(['ENOENT', 'ENODEV', 'ESRCH', 'EOPNOTSUPP', 'EINVAL']);

/** A file with one number; 0 when it is gone, undefined for `max`. */
export async function numberOf(folder: string, name: string): Promise<number | undefined> {
  const text = (await textOf(folder, name)).trim();
  return text === 'max' ? undefined : Number(text) || 0;
}

/** A file of lines `key number`. */
export async function numbersOf(folder: string, name: string): Promise<Numbers> {
  const lines = (await textOf(folder, name)).split('\n').map((line) => line.split(/\s+/));
  const pairs = lines.flatMap(([key = '', value]) => (value === undefined ? [] : [[key, Number(value) || 0] as const]));
  return Object.fromEntries(pairs);
}
