// The key sequence that ends an attach, ctrl-p ctrl-q unless a client names another.
import { GantryError } from '../../base/error.ts';

const DEFAULT_KEYS = 'ctrl-p,ctrl-q';
const CONTROL = '@abcdefghijklmnopqrstuvwxyz[\\]^_';

/** Bytes of `ctrl-x,y,…`; "" = the default. Throws engine/bad-parameter. */
export function parseDetachKeys(text: string): Buffer {
  return Buffer.from((text === '' ? DEFAULT_KEYS : text).split(',').map(keyCode));
}

function keyCode(key: string): number {
  if (key.length === 1) return key.charCodeAt(0);
  const code = key.startsWith('ctrl-') && key.length === 6 ? CONTROL.indexOf(key.slice(5).toLowerCase()) : -1;
  if (code < 0) throw new GantryError('engine/bad-parameter', `invalid detach keys: Unknown character: '${key}'`);
  return code;
}

/** What of a chunk goes on, and whether the keys were typed. Keys are held back until it is known that they are none. */
export function detachScanner(
  keys: Buffer,
): (chunk: Buffer) => { readonly output: Buffer; readonly isDetached: boolean } {
  let matched = 0;
  return (chunk) => {
    const output: number[] = [];
    for (const byte of chunk) {
      if (byte !== keys[matched]) {
        output.push(...keys.subarray(0, matched));
        matched = 0;
      }
      if (byte === keys[matched]) matched += 1;
      else output.push(byte);
      if (matched === keys.length) return { output: Buffer.from(output), isDetached: true };
    }
    return { output: Buffer.from(output), isDetached: false };
  };
}
