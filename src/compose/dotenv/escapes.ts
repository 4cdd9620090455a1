// Backslash sequences inside double quotes of environment files.

const SEQUENCE = /\\(?:[abcfnrtv$"\\]|0\d{0,3})/g;

const SIMPLE: Readonly<Record<string, string>> = {
  '\\a': '\x07',
  '\\b': '\b',
  '\\f': '\f',
  '\\n': '\n',
  '\\r': '\r',
  '\\t': '\t',
  '\\v': '\v',
  '\\"': '"',
  '\\\\': '\\',
  // doubled, because variables are filled in afterwards
  '\\$': '$$',
};

/** Replaces the sequences a b f n r t v " \ $ and \0ooo; any other stays as it is. */
export function expandEscapes(text: string): string {
  return text.replace(SEQUENCE, (sequence) => SIMPLE[sequence] ?? octal(sequence) ?? sequence);
}

function octal(sequence: string): string | undefined {
  const digits = /^\\0([0-7]{3})$/.exec(sequence)?.[1];
  const code = digits === undefined ? NaN : Number.parseInt(digits, 8);
  return code <= 255 ? String.fromCharCode(code) : undefined;
}
