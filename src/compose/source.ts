// A text that was read and places in it. Lines and columns are worked out only when a diagnostic needs them.
import type { SourceRange } from '../base/diagnostic.ts';

/** A file (or other text) by the name it is shown with. */
export interface Source {
  /** Absolute path, or a word such as "<stdin>". */
  readonly path: string;
  readonly text: string;
}

/** A stretch of a source, as offsets. */
export interface Origin {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

const MAX_SHOWN_LINE = 400;

/** Line, column and length of an origin; one that spans lines is cut at the end of its first. */
export function rangeOf(origin: Origin): SourceRange {
  const { text, path } = origin.source;
  const start = Math.min(origin.start, text.length);
  const lineStart = start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1;
  const length = Math.max(1, Math.min(origin.end, lineEnd(text, start)) - start);
  return { file: path, line: countLines(text, lineStart), column: start - lineStart + 1, length };
}

/** The text of the line an origin begins on; a very long line is cut. */
export function sourceLine(origin: Origin): string {
  const { text } = origin.source;
  const start = Math.min(origin.start, text.length);
  const lineStart = start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1;
  return text.slice(lineStart, Math.min(lineEnd(text, start), lineStart + MAX_SHOWN_LINE));
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  const end = at < 0 ? text.length : at;
  return end > from && text[end - 1] === '\r' ? end - 1 : end;
}

function countLines(text: string, upTo: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < upTo; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
