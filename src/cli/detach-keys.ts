// The keys that detach from a container: `ctrl-p,ctrl-q` unless others are named.
import { GantryError } from '../base/error.ts';

/** Docker's keys. */
const DETACH_KEYS = 'ctrl-p,ctrl-q';

/** Tells of each chunk whether the sequence is complete in it. */
export function detachScanner(keys: string): (chunk: Buffer) => boolean {
  const wanted = keyBytes(keys === '' ? DETACH_KEYS : keys);
  let seen = 0;
  return (chunk) => {
    for (const byte of chunk) {
      if (byte === wanted[seen]) seen += 1;
      else seen = byte === wanted[0] ? 1 : 0;
      if (seen < wanted.length) continue;
      seen = 0;
      return true;
    }
    return false;
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
