// Reads a scalar without quotes, which may go on over lines that are indented further.
import { isBlank, isBreak } from './chars.ts';
import { columnOf, isDocumentMark, peek, skip, skipBreak, takeMatch, YamlError, type Cursor } from './cursor.ts';
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

/** A word in a block, and in a flow collection. Expressions, as most of a file is read here. */
const WORD = /(?:[^\t\n\r \u0085\u2028\u2029:]|:(?![\t\n\r \u0085\u2028\u2029]|$))+/y;
const FLOW_WORD = /(?:[^\t\n\r \u0085\u2028\u2029:?,[\]{}]|[:?](?![\t\n\r \u0085\u2028\u2029]|$))+/y;

const scanWord = (cursor: Cursor, inFlow: boolean): string => takeMatch(cursor, inFlow ? FLOW_WORD : WORD);

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
