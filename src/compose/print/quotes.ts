// The three ways of writing a string in YAML that is not plain.

/** Between single quotes. */
export const singleQuoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const SHORT: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

/** Between double quotes, with escapes for what cannot be seen and what lies beyond the basic plane. */
export function doubleQuoted(text: string): string {
  const parts = Array.from(
    text,
    (char) => SHORT[char] ?? (isPrintable(char) ? char : numeric(char.codePointAt(0) ?? 0)),
  );
  return `"${parts.join('')}"`;
}

/** What go-yaml prints as it is. */
export function isPrintable(char: string): boolean {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0xa0) return code === 0x0a || (code >= 0x20 && code <= 0x7e);
  return code <= 0xfffd && code !== 0xfeff && !(code >= 0xd800 && code <= 0xdfff);
}

function numeric(code: number): string {
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** A literal block, its lines behind `indent`. Empty lines have no indent. go-yaml loses a line break at the start. */
export function literalBlock(text: string, indent: string): string {
  const hint = /^[ \n]/.test(text) ? '2' : '';
  const chomp = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : '';
  const body = chomp === '-' ? text : text.slice(0, -1);
  const lines = body.split('\n').map((line) => (line === '' ? '' : indent + line));
  return `|${hint}${chomp}${text.startsWith('\n') ? '' : '\n'}${lines.join('\n')}`;
}
