// Splits a line at blanks that are not quoted, as a shell does; quotes and escapes stay in the words.

/** The words of a line. A quote that does not end ends with the line. */
export function splitShellWords(line: string, escape = '\\'): readonly string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (quote === '' && isBlank(char)) {
      if (word !== '') words.push(word);
      word = '';
      continue;
    }
    word += char;
    if (char === escape && quote !== "'") {
      at += 1;
      word += line.charAt(at);
    } else if (quote === '') quote = char === '"' || char === "'" ? char : '';
    else if (char === quote) quote = '';
  }
  return word === '' ? words : [...words, word];
}

/** Blanks as Go's unicode.IsSpace has them. */
export function isBlank(char: string): boolean {
  return /^[\t\n\v\f\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]$/.test(char);
}
