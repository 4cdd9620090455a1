// The keys that detach from a container: `ctrl-p,ctrl-q` unless others are named.
import { GantryError } from '../base/error.ts';

/** What is passed on of a chunk, and whether the keys are complete. */
export interface Scanned {
  readonly pass: Buffer;
  readonly found: boolean;
}

/** Docker's keys. */
const DETACH_KEYS = 'ctrl-p,ctrl-q';

/** A scanner that holds back the beginning of the sequence until it is known to be none. */
export function detachScanner(keys: string): (chunk: Buffer) => Scanned {
  const wanted = keyBytes(keys === '' ? DETACH_KEYS : keys);
  let held = 0;
  return (chunk) => {
    const pass: number[] = [];
    for (const byte of chunk) {
      if (byte === wanted[held]) {
        held += 1;
        if (held === wanted.length) return { pass: Buffer.from(pass), found: true };
        continue;
      }
      pass.push(...wanted.subarray(0, held));
      held = byte === wanted[0] ? 1 : 0;
      if (held === 0) pass.push(byte);
    }
    return { pass: Buffer.from(pass), found: false };
  };
}

/** `ctrl-a`, `ctrl-[` or one character, separated by commas. */
function keyBytes(keys: string): Buffer {
  return Buffer.from(
    keys.split(',').map((key) => {
      const control = /^ctrl-([a-z@[\\\]^_])$/.exec(key)?.[1];
      if (control !== undefined) return control.toUpperCase().charCodeAt(0) & 0x1f;
      if (key.length === 1) return key.charCodeAt(0);
      throw new GantryError('usage/invalid-flag', `invalid detach keys (${keys}): Unknown character: '${key}'`);
    }),
  );
}
