// Reads a block scalar, `|` or `>`: its header, its indentation, and the lines that belong to it.
import { END, isBlank, isBreak, isLineEnd } from './chars.ts';
import { columnOf, peek, skip, skipBreak, take, YamlError, type Cursor } from './cursor.ts';

interface Header {
  readonly isLiteral: boolean;
  /** `-` takes all breaks off the end, `+` keeps them. */
  readonly chomp: string;
  /** Further indentation, when it is given. */
  readonly indent: number;
}

/** The text of the block scalar at the cursor. `outer` is the indentation of the block around it; -1 for none. */
export function scanBlock(cursor: Cursor, outer: number): string {
  const { isLiteral, chomp, indent: given } = scanHeader(cursor);
  const known = given > 0 ? Math.max(outer, 0) + given : 0;
  const leading = skipToContent(cursor, known, outer);
  const body = isLiteral ? scanLines(cursor, leading) : scanFolded(cursor, leading);
  return body.text + (chomp === '-' ? '' : body.lastBreak) + (chomp === '+' ? body.trailing : '');
}

function scanHeader(cursor: Cursor): Header {
  const isLiteral = peek(cursor) === '|';
  skip(cursor);
  const marks = take(cursor, (char) => /^[-+0-9]$/.test(char));
  const match = /^(?:([-+])([1-9])?|([1-9])([-+])?)?$/.exec(marks);
  if (!match) throw new YamlError(`"${marks}" says nothing about a block of text`, cursor.at - marks.length);
  const [, chomp = '', indent, indentFirst, chompLast = ''] = match;
  take(cursor, isBlank);
  if (peek(cursor) === '#') take(cursor, (char) => !isLineEnd(char));
  if (!isLineEnd(peek(cursor))) throw new YamlError('the text of a block begins on the next line', cursor.at);
  skipBreak(cursor);
  return { isLiteral, chomp: chomp || chompLast, indent: Number(indent ?? indentFirst ?? 0) };
}

interface Leading {
  readonly breaks: string;
  readonly indent: number;
}

/** Steps over empty lines and the indentation of the next; works out the indentation when it is not known yet. */
function skipToContent(cursor: Cursor, known: number, outer: number): Leading {
  let breaks = '';
  let deepest = 0;
  for (;;) {
    while ((known === 0 || columnOf(cursor) < known) && peek(cursor) === ' ') skip(cursor);
    deepest = Math.max(deepest, columnOf(cursor));
    if ((known === 0 || columnOf(cursor) < known) && peek(cursor) === '\t')
      throw new YamlError('a tab cannot indent text', cursor.at);
    if (!isBreak(peek(cursor))) break;
    breaks += skipBreak(cursor);
  }
  return { breaks, indent: known > 0 ? known : Math.max(deepest, outer + 1, 1) };
}

interface Body {
  readonly text: string;
  readonly lastBreak: string;
  /** Empty lines behind. */
  readonly trailing: string;
}

const isInside = (cursor: Cursor, indent: number): boolean => columnOf(cursor) === indent && peek(cursor) !== END;

function scanLine(cursor: Cursor): string {
  return take(cursor, (char) => !isLineEnd(char));
}

function scanLines(cursor: Cursor, { breaks, indent }: Leading): Body {
  let text = '';
  let lastBreak = '';
  let trailing = breaks;
  while (isInside(cursor, indent)) {
    text += lastBreak + trailing + scanLine(cursor);
    lastBreak = skipBreak(cursor);
    trailing = skipToContent(cursor, indent, indent).breaks;
  }
  return { text, lastBreak, trailing };
}

/** Lines are joined by a space, but not where one begins with a blank. */
function scanFolded(cursor: Cursor, { breaks, indent }: Leading): Body {
  let text = '';
  let lastBreak = '';
  let trailing = breaks;
  let wasIndented = false;
  while (isInside(cursor, indent)) {
    const isIndented = isBlank(peek(cursor));
    const folds = !wasIndented && !isIndented && lastBreak === '\n';
    text += (folds ? (trailing === '' ? ' ' : '') : lastBreak) + trailing;
    wasIndented = isIndented;
    text += scanLine(cursor);
    lastBreak = skipBreak(cursor);
    trailing = skipToContent(cursor, indent, indent).breaks;
  }
  return { text, lastBreak, trailing };
}
