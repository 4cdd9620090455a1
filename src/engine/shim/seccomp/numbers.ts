// Looks system call numbers up: name to number for each architecture a filter covers.
import { invariant } from '../../../base/error.ts';
import type { Arch } from './profile.ts';
import { NUMBERS_AARCH64 } from './numbers-aarch64.ts';
import { NUMBERS_ARM } from './numbers-arm.ts';
import { NUMBERS_X32 } from './numbers-x32.ts';
import { NUMBERS_X86 } from './numbers-x86.ts';
import { NUMBERS_X86_64 } from './numbers-x86-64.ts';

const TEXTS: Readonly<Record<Arch, string>> = {
  x86_64: NUMBERS_X86_64,
  x86: NUMBERS_X86,
  x32: NUMBERS_X32,
  aarch64: NUMBERS_AARCH64,
  arm: NUMBERS_ARM,
};
const tables = new Map<Arch, ReadonlyMap<string, number>>();

/** Numbers of an architecture by name. */
export function syscallNumbers(arch: Arch): ReadonlyMap<string, number> {
  const known = tables.get(arch);
  if (known !== undefined) return known;
  const table = new Map(TEXTS[arch].trim().split(/\s+/).map(parseEntry));
  tables.set(arch, table);
  return table;
}

function parseEntry(entry: string): [string, number] {
  const [name, number] = entry.split('=');
  invariant(name !== undefined && number !== undefined, `bad entry ${entry}`);
  return [name, Number(number)];
}
