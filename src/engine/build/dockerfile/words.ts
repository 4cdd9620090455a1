// The parts of a logical line: keyword, flags, arguments, each as Docker splits it.
import { isBlank } from './shell-words.ts';

/** A logical line in its three parts. */
export interface SplitLine {
  /** As written. */
  readonly keyword: string;
  /** Words that begin with `--`, quotes taken off. */
  readonly flags: readonly string[];
  readonly rest: string;
}

const BLANKS = /[\t\v\f\r ]+/;
const HEREDOC_KEYWORD = /^(?:ONBUILD[\t\v\f\r ]+)?(?:ADD|COPY|RUN)[\t\v\f\r ]+(?:--\S+[\t\v\f\r ]+)*([^\s])/i;

/** Splits keyword and flags off. */
export function splitLine(line: string): SplitLine {
  const text = line.trim();
  const gap = BLANKS.exec(text);
  if (gap === null) return { keyword: text, flags: [], rest: '' };
  const { flags, rest } = takeFlags(text.slice(gap.index + gap[0].length));
  return { keyword: text.slice(0, gap.index), flags, rest: rest.trim() };
}

/** ADD, COPY and RUN (also in ONBUILD) may have heredocs, unless their arguments are a JSON array. */
export function canHoldHeredoc(line: string): boolean {
  if (!line.includes('<<')) return false;
  const match = HEREDOC_KEYWORD.exec(line.trim());
  return match !== null && !(match[1] === '[' && line.trim().endsWith(']'));
}

/** Words at blanks; quotes mean nothing yet. */
export function plainWords(rest: string): readonly string[] {
  return rest === '' ? [] : rest.split(BLANKS).filter((word) => word !== '');
}

/** Text before the first run of blanks and text after it; undefined when there is none. */
export function splitOnce(rest: string): readonly [string, string] | undefined {
  const gap = BLANKS.exec(rest);
  return gap === null ? undefined : [rest.slice(0, gap.index), rest.slice(gap.index + gap[0].length)];
}

function takeFlags(text: string): { flags: readonly string[]; rest: string } {
  const flags: string[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isBlank(text.charAt(at))) at += 1;
    if (!text.startsWith('--', at)) return { flags, rest: text.slice(at) };
    const { word, end } = flagWord(text, at);
    at = end;
    // a lone `--` ends the flags
    if (word === '--') return { flags, rest: text.slice(at) };
    flags.push(word);
  }
}

/** One flag; quotes group and are dropped, a backslash (whatever the escape character) takes the next character as it is. */
function flagWord(text: string, start: number): { word: string; end: number } {
  let word = '';
  let quote = '';
  let at = start;
  for (; at < text.length; at += 1) {
    const char = text.charAt(at);
    if (quote === '' && isBlank(char)) break;
    if (char === '\\') {
      at += 1;
      word += text.charAt(at);
    } else if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
    else word += char;
  }
  return { word, end: at };
}
