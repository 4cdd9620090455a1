// Reads a scalar without quotes, which may go on over lines that are indented further.
import { isBlank, isBreak, isGapCode } from './chars.ts';
import { columnOf, isDocumentMark, peek, skip, skipBreak, YamlError, type Cursor } from './cursor.ts';
import { foldBreaks } from './scan-quoted.ts';

/** What was read. */
export interface PlainScalar {
  readonly text: string;
  readonly end: number;
  /** The cursor is on a later line than the scalar ends on. */
  readonly hasBroken: boolean;
}

/** The scalar at the cursor. `indent` is the least its further lines need; in a flow collection they need none. */
export function scanPlain(cursor: Cursor, indent: number, inFlow: boolean): PlainScalar {
  let text = '';
  let end = cursor.at;
  let gap = '';
  let hasBroken = false;
  while (!isDocumentMark(cursor) && peek(cursor) !== '#') {
    const word = scanWord(cursor, inFlow);
    if (word !== '') {
      text += gap + word;
      end = cursor.at;
      hasBroken = false;
    }
    if (!isBlank(peek(cursor)) && !isBreak(peek(cursor))) break;
    ({ gap, hasBroken } = scanGap(cursor, indent));
    if (!inFlow && columnOf(cursor) < indent) break;
  }
  return { text, end, hasBroken };
}

/** One loop for a word: most of a file is read here. */
function scanWord(cursor: Cursor, inFlow: boolean): string {
  const { text, at: start } = cursor;
  let at = start;
  while (!isGapCode(text.charCodeAt(at)) && !endsScalar(text, at, inFlow)) at++;
  if (at > start) cursor.breaks = 0;
  cursor.at = at;
  return text.slice(start, at);
}

const COLON = 0x3a;

function endsScalar(text: string, at: number, inFlow: boolean): boolean {
  const code = text.charCodeAt(at);
  if (code === COLON && isGapCode(text.charCodeAt(at + 1))) return true;
  return inFlow && endsInFlow(text, at);
}

function endsInFlow(text: string, at: number): boolean {
  const char = text[at] ?? '';
  return ',[]{}'.includes(char) || (char === '?' && isGapCode(text.charCodeAt(at + 1)));
}

function scanGap(cursor: Cursor, indent: number): { gap: string; hasBroken: boolean } {
  let blanks = '';
  let first = '';
  let others = '';
  let hasBroken = false;
  for (let char = peek(cursor); isBlank(char) || isBreak(char); char = peek(cursor)) {
    if (isBlank(char)) {
      if (hasBroken && char === '\t' && columnOf(cursor) < indent)
        throw new YamlError('a tab cannot indent a line', cursor.at);
      if (!hasBroken) blanks += char;
      skip(cursor);
    } else if (hasBroken) others += skipBreak(cursor);
    else {
      first = skipBreak(cursor);
      hasBroken = true;
    }
  }
  return { gap: hasBroken ? foldBreaks(first, others) : blanks, hasBroken };
}
