// The error of the Dockerfile language: texts as Docker's, with the line they are about.
import { GantryError } from '../../../base/error.ts';

/** `engine/invalid-dockerfile`, "dockerfile parse error on line N: …"; `details.line` is N, from 1. */
export function parseError(line: number, message: string, hint?: string): GantryError {
  const extra = { details: { line }, ...(hint === undefined ? {} : { hint }) };
  return new GantryError('engine/invalid-dockerfile', `dockerfile parse error on line ${line}: ${message}`, extra);
}
