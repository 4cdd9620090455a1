// Which characters are blanks, line breaks and so on to the YAML reader. Knows no position.

/** No character: behind the end of the text. */
export const END = '';

/** A space or a tab. */
export const isBlank = (char: string): boolean => char === ' ' || char === '\t';

/** A line break, also of the kinds that only YAML 1.1 knows. */
export const isBreak = (char: string): boolean =>
  char === '\n' || char === '\r' || char === '\u0085' || char === '\u2028' || char === '\u2029';

/** A blank, a line break or the end of the text. */
export const isGap = (char: string): boolean => isBlank(char) || isBreak(char) || char === END;

/** A line break or the end of the text. */
export const isLineEnd = (char: string): boolean => isBreak(char) || char === END;

/** What names of anchors and tags are made of. */
export const isNameChar = (char: string): boolean => /^[0-9A-Za-z_-]$/.test(char);

/** What YAML allows in a text at all. */
export const FORBIDDEN = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;
