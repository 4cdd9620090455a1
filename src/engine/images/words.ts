// Splits the arguments of a Dockerfile instruction: quotes, backslashes and variables as docker's own lexer does it.
import { GantryError } from '../../base/error.ts';

/** Looks up a variable; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** Words of a line, with quotes removed and `$NAME`, `${NAME}`, `${NAME:-word}`, `${NAME:+word}` replaced. */
export function splitWords(line: string, lookup: Lookup): string[] {
  const words: string[] = [];
  let at = 0;
  while (at < line.length) {
    if (/\s/.test(line.charAt(at))) at += 1;
    else {
      const end = wordEnd(line, at);
      words.push(expandWord(line.slice(at, end), lookup));
      at = end;
    }
  }
  return words;
}

/** One word with quotes removed and variables replaced; blanks in it are kept. */
export function expandWord(word: string, lookup: Lookup): string {
  let result = '';
  let quote = '';
  for (let at = 0; at < word.length; at += 1) {
    const char = word.charAt(at);
    if (char === '\\' && quote !== "'") {
      at += 1;
      const next = word.charAt(at);
      // within double quotes a backslash is itself unless it guards one of these
      result += quote === '"' && !'"$\\'.includes(next) ? `\\${next}` : next;
    } else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
    else if (char === '$' && quote !== "'") {
      const { value, end } = expandVariable(word, at, lookup);
      result += value;
      at = end - 1;
    } else result += char;
  }
  if (quote !== '')
    throw new GantryError(
      'engine/bad-parameter',
      `unexpected end of statement while looking for matching ${quote === '"' ? 'double' : 'single'}-quote`,
    );
  return result;
}

function wordEnd(line: string, start: number): number {
  let quote = '';
  let at = start;
  for (; at < line.length; at += 1) {
    const char = line.charAt(at);
    if (char === '\\' && quote !== "'") at += 1;
    else if (quote !== '') quote = char === quote ? '' : quote;
    else if (char === '"' || char === "'") quote = char;
    else if (/\s/.test(char)) break;
  }
  return Math.min(at, line.length);
}

interface Expanded {
  readonly value: string;
  readonly end: number;
}

function expandVariable(word: string, at: number, lookup: Lookup): Expanded {
  const plain = /^\$([A-Za-z_][A-Za-z0-9_]*|[0-9])/.exec(word.slice(at));
  if (plain) return { value: lookup(plain[1] ?? '') ?? '', end: at + plain[0].length };
  const braced = /^\$\{([A-Za-z_][A-Za-z0-9_]*)(?:(:?[-+])([^}]*))?\}/.exec(word.slice(at));
  if (braced) return { value: substitute(braced, lookup), end: at + braced[0].length };
  if (word.charAt(at + 1) !== '{') return { value: '$', end: at + 1 };
  throw new GantryError('engine/bad-parameter', `unsupported modifier in substitution: ${word.slice(at)}`);
}

/** `-` gives the other word when there is no value, `+` when there is one; with a colon an empty value is none. */
function substitute([, name = '', operator = '', other = '']: RegExpExecArray, lookup: Lookup): string {
  const value = lookup(name);
  const isSet = value !== undefined && (value !== '' || !operator.startsWith(':'));
  if (operator.endsWith('-')) return isSet ? value : expandWord(other, lookup);
  if (operator.endsWith('+')) return isSet ? expandWord(other, lookup) : '';
  return value ?? '';
}
