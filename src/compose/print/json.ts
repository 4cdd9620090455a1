// Writes plain data as JSON as Go does: two spaces, and <, >, & escaped.
import type { Plain } from '../bind/bind.ts';

/** A document; no newline ends it. */
export function writeJson(value: Plain): string {
  const text = JSON.stringify(value, undefined, 2);
  return text.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
