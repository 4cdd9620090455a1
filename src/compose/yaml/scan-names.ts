// Reads anchors, aliases, tags and directives: all that is a name behind a mark.
import { isBlank, isGap, isLineEnd, isNameChar } from './chars.ts';
import { peek, skip, skipBreak, take, YamlError, type Cursor } from './cursor.ts';

/** The name behind `&` or `*`. */
export function scanAnchor(cursor: Cursor): string {
  const start = cursor.at;
  const mark = peek(cursor);
  skip(cursor);
  const name = take(cursor, isNameChar);
  const next = peek(cursor);
  if (name === '' || !(isGap(next) || '?:,]}%@`'.includes(next)))
    throw new YamlError(`"${mark}" begins the name of an anchor, of letters, digits, - and _`, start);
  return name;
}

const URI_CHAR = /^[0-9A-Za-z_;/?:@&=+$,.!~*'()[\]%-]$/;

/** A tag, with `!!` and `!<...>` written out: `!reset`, `tag:yaml.org,2002:str`. */
export function scanTag(cursor: Cursor, handles: ReadonlyMap<string, string>): string {
  const start = cursor.at;
  const tag = peek(cursor, 1) === '<' ? scanVerbatim(cursor) : scanShort(cursor, handles);
  if (!isGap(peek(cursor))) throw new YamlError('a blank has to follow the tag', start);
  return tag;
}

function scanVerbatim(cursor: Cursor): string {
  const start = cursor.at;
  skip(cursor, 2);
  const tag = take(cursor, (char) => URI_CHAR.test(char));
  if (tag === '' || peek(cursor) !== '>') throw new YamlError('a tag in <> is not closed', start);
  skip(cursor);
  return tag;
}

function scanShort(cursor: Cursor, handles: ReadonlyMap<string, string>): string {
  const start = cursor.at;
  const word = take(cursor, (char) => URI_CHAR.test(char));
  const [, handle = '!', suffix = ''] = /^(![0-9A-Za-z_-]*!|!)(.*)$/.exec(word) ?? [];
  if (handle === '!') return word;
  const prefix = handles.get(handle);
  if (prefix === undefined || suffix === '') throw new YamlError(`the tag ${word} is not defined`, start);
  return prefix + suffix;
}

/** The words of a directive behind `%`; the cursor is then on the next line. */
export function scanDirective(cursor: Cursor): string {
  const start = cursor.at;
  skip(cursor);
  const words = take(cursor, (char) => char !== '#' && !isLineEnd(char)).trim();
  if (peek(cursor) === '#') take(cursor, (char) => !isLineEnd(char));
  skipBreak(cursor);
  if (!/^(?:YAML[ \t]+\d{1,9}\.\d{1,9}|TAG[ \t]+!(?:[0-9A-Za-z_-]*!)?[ \t]+\S+)$/.test(words))
    throw new YamlError('"%" begins a directive, %YAML or %TAG; a text that begins with it needs quotes', start);
  return words;
}

/** Steps over blanks if a comment follows on the same line, and over the comment. */
export function skipLineComment(cursor: Cursor): void {
  let ahead = 0;
  while (isBlank(peek(cursor, ahead))) ahead++;
  if (peek(cursor, ahead) !== '#') return;
  skip(cursor, ahead);
  take(cursor, (char) => !isLineEnd(char));
}
