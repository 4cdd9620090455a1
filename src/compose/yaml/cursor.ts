// A place in a text that moves forward, with the line and column it is at. Knows nothing of YAML but its line breaks.
import { END, isBlank, isBreak } from './chars.ts';

/** A stretch of text that cannot be read; becomes a diagnostic. */
export class YamlError extends Error {
  readonly at: number;
  /** Where what is wrong begins, when that is not here. */
  readonly from: number | undefined;

  constructor(message: string, at: number, from?: number) {
    super(message);
    this.at = at;
    this.from = from;
  }
}

/** Where reading is. */
export interface Cursor {
  readonly text: string;
  at: number;
  line: number;
  lineStart: number;
  /** Line breaks since the last character that is no blank. */
  breaks: number;
}

/** A cursor at the start of a text. */
export const createCursor = (text: string): Cursor => ({ text, at: 0, line: 0, lineStart: 0, breaks: 0 });

/** The character `ahead` of the cursor; empty behind the end. */
export const peek = (cursor: Cursor, ahead = 0): string => cursor.text[cursor.at + ahead] ?? END;

/** Characters between the start of the line and the cursor. */
export const columnOf = (cursor: Cursor): number => cursor.at - cursor.lineStart;

/** Steps over `count` characters, none of them a line break. */
export function skip(cursor: Cursor, count = 1): void {
  for (let step = 0; step < count; step++) {
    if (!isBlank(peek(cursor))) cursor.breaks = 0;
    cursor.at++;
  }
}

/** Steps over what a sticky expression matches, which must hold no blank and no line break; gives it. */
export function takeMatch(cursor: Cursor, expression: RegExp): string {
  expression.lastIndex = cursor.at;
  if (!expression.test(cursor.text)) return '';
  const start = cursor.at;
  cursor.at = expression.lastIndex;
  cursor.breaks = 0;
  return cursor.text.slice(start, cursor.at);
}

/** Steps over spaces. */
export function skipSpaces(cursor: Cursor): void {
  while (cursor.text.charCodeAt(cursor.at) === 0x20) cursor.at++;
}

/** Steps over one line break, if there is one. Gives what it means: nearly always "\n". */
export function skipBreak(cursor: Cursor): string {
  const char = peek(cursor);
  if (!isBreak(char)) return '';
  cursor.at += char === '\r' && peek(cursor, 1) === '\n' ? 2 : 1;
  cursor.line++;
  cursor.lineStart = cursor.at;
  cursor.breaks++;
  return char === '\u2028' || char === '\u2029' ? char : '\n';
}

/** Steps over characters as long as they fit; gives them. */
export function take(cursor: Cursor, fits: (char: string) => boolean): string {
  const start = cursor.at;
  while (cursor.at < cursor.text.length && fits(peek(cursor))) skip(cursor);
  return cursor.text.slice(start, cursor.at);
}

const DOCUMENT_MARKS = ['---', '...'];

/** True at a line that begins with `---` or `...`, depending on `marks`, and a gap behind. */
export function isDocumentMark(cursor: Cursor, marks: readonly string[] = DOCUMENT_MARKS): boolean {
  if (columnOf(cursor) !== 0) return false;
  const next = peek(cursor, 3);
  return (
    marks.some((mark) => cursor.text.startsWith(mark, cursor.at)) && (next === END || isBlank(next) || isBreak(next))
  );
}
