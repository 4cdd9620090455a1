// Reads a scalar in quotes: folds its lines and resolves its escapes. Its lines may begin anywhere, as go-yaml has it.
import { END, isBlank, isBreak, isGap } from './chars.ts';
import { isDocumentMark, peek, skip, skipBreak, takeMatch, YamlError, type Cursor } from './cursor.ts';

/** The text of the scalar whose opening quote is at the cursor; the cursor is then behind the closing one. */
export function scanQuoted(cursor: Cursor): string {
  const start = cursor.at;
  const quote = peek(cursor);
  skip(cursor);
  let text = '';
  for (;;) {
    if (isDocumentMark(cursor)) throw new YamlError('a document ends inside of quotes', cursor.at);
    if (peek(cursor) === END) throw new YamlError(`missing closing ${quote} quote`, start);
    const { word, isJoined } = scanWord(cursor, quote);
    text += word;
    if (peek(cursor) === quote) break;
    text += scanGap(cursor, isJoined);
  }
  skip(cursor);
  return text;
}

/** Up to the next gap or the closing quote. `isJoined`: the line ended with a backslash. */
function scanWord(cursor: Cursor, quote: string): { word: string; isJoined: boolean } {
  let word = takeMatch(cursor, ORDINARY);
  for (let char = peek(cursor); !isGap(char); char = peek(cursor)) {
    if (quote === "'" && char === "'" && peek(cursor, 1) === "'") {
      word += "'";
      skip(cursor, 2);
    } else if (char === quote) break;
    else if (quote === '"' && char === '\\') {
      if (isBreak(peek(cursor, 1))) {
        skip(cursor);
        skipBreak(cursor);
        return { word, isJoined: true };
      }
      word += scanEscape(cursor);
    } else word += takeMatch(cursor, ORDINARY) || takeChar(cursor);
  }
  return { word, isJoined: false };
}

/** What needs no second look: neither a gap nor a quote nor an escape. */
const ORDINARY = /[^\t\n\r \u0085\u2028\u2029"'\\]+/y;

function takeChar(cursor: Cursor): string {
  const char = peek(cursor);
  skip(cursor);
  return char;
}

/** Blanks and breaks between words: blanks stay, one break is a space, more are one less. */
function scanGap(cursor: Cursor, isJoined: boolean): string {
  let blanks = '';
  let breaks = '';
  let first = '';
  let hasBroken = isJoined;
  for (let char = peek(cursor); isBlank(char) || isBreak(char); char = peek(cursor)) {
    if (isBlank(char)) {
      if (!hasBroken) blanks += char;
      skip(cursor);
    } else if (hasBroken) breaks += skipBreak(cursor);
    else {
      first = skipBreak(cursor);
      hasBroken = true;
    }
  }
  return hasBroken ? foldBreaks(first, breaks) : blanks;
}

/** What line breaks in a row become: the first is a space, unless others follow. */
export function foldBreaks(first: string, others: string): string {
  if (first !== '\n') return first + others;
  return others === '' ? ' ' : others;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  "'": "'",
  '\\': '\\',
  N: '\u0085',
  _: '\u00a0',
  L: '\u2028',
  P: '\u2029',
};
const HEX_LENGTH: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function scanEscape(cursor: Cursor): string {
  const start = cursor.at;
  const kind = peek(cursor, 1);
  const length = HEX_LENGTH[kind] ?? 0;
  const plain = ESCAPES[kind];
  if (plain === undefined && length === 0) throw new YamlError(`\\${kind} is no escape sequence`, start);
  const digits = cursor.text.slice(cursor.at + 2, cursor.at + 2 + length);
  if (plain === undefined && !new RegExp(`^[0-9a-fA-F]{${length}}$`).test(digits))
    throw new YamlError(`\\${kind} takes ${length} hexadecimal digits`, start);
  skip(cursor, 2 + length);
  return plain ?? character(Number.parseInt(digits, 16), start);
}

function character(code: number, at: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    throw new YamlError('the escape sequence stands for no character', at);
  return String.fromCodePoint(code);
}
