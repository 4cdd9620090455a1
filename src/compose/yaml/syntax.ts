// Says in a person's words what is wrong with the syntax of a YAML text, where it begins, and what mends it. The parser
// knows where it noticed; what is not closed is shown where it opens.
import type { YamlError } from './cursor.ts';
import { indentAt, levelsAbove, lineAbove, lineAt, quoted, trimmedAt, type Stretch } from './lines.ts';

/** What a person is told. */
export interface SyntaxProblem extends Stretch {
  readonly message: string;
  readonly hint?: string;
  readonly related?: Stretch & { readonly message: string };
}

type Teller = (text: string, fault: YamlError) => SyntaxProblem | undefined;

/** The problem behind a fault. */
export function tellSyntax(text: string, fault: YamlError): SyntaxProblem {
  for (const tell of TELLERS) {
    const told = tell(text, fault);
    if (told) return told;
  }
  return { message: fault.message, start: fault.at, end: fault.at + 1 };
}

const mergeConflict: Teller = (text, { at }) => {
  const line = lineAt(text, at);
  if (!/^(?:<{7}|={7}|>{7}|\|{7})(?: |$)/.test(text.slice(line.start, line.end))) return undefined;
  const hint = 'keep one side, and take out the lines <<<<<<<, ======= and >>>>>>>';
  return { ...line, message: 'a merge conflict is left in the file', hint };
};

const tab: Teller = (_, { message, at }) =>
  /\btab/.test(message) ? { start: at, end: at + 1, message, hint: 'indent with spaces' } : undefined;

const openQuote: Teller = (text, { message, at }) => {
  if (!message.startsWith('missing closing')) return undefined;
  const quote = text[at] ?? '"';
  const hint = `add ${quote} where the value ends`;
  return { start: at, end: at + 1, message: `a ${quote} opens here and is never closed`, hint };
};

const openBracket: Teller = (text, { message, at, from }) => {
  const closing = /"([\]}])"(?: was expected here)?$/.exec(message)?.[1];
  if (closing === undefined) return undefined;
  const start = from ?? at;
  const opening = text[start] ?? '[';
  if (lineAt(text, start).start !== lineAt(text, at).start || start === at) {
    const hint = `add ${closing} where it ends`;
    return { start, end: start + 1, message: `a ${opening} opens here and is never closed`, hint };
  }
  const hint = `put a comma between values, or ${closing} behind the last`;
  return { start: at, end: lineAt(text, at).end, message, hint };
};

const variable: Teller = (text, { at }) => {
  if (text[at] !== '{' || text[at - 1] !== '$') return undefined;
  const hint = 'inside { } and [ ] a variable expression needs quotes: "${NAME:-value}"';
  return { start: at - 1, end: lineAt(text, at).end, message: 'a { stands inside a value', hint };
};

const surplus: Teller = (text, { message, at }) => {
  const char = text[at] ?? '';
  const place = { start: at, end: at + 1 };
  if (char === ',')
    return { ...place, message: 'a comma follows no value', hint: 'take it out, or put a value before it' };
  if (!/[\]}]/.test(char) || message.includes('was expected')) return undefined;
  return { ...place, message: `a ${char} closes nothing`, hint: 'take it out, or quote the whole value' };
};

const behindQuote: Teller = (text, { message, at }) => {
  const close = text.slice(0, at).trimEnd().length - 1;
  const quote = text[close] ?? '';
  if (!ENDED.test(message) || !/["']/.test(quote)) return undefined;
  const inside = quote === "'" ? "a ' inside '…' is written ''" : 'a " inside "…" is written \\"';
  const start = text.lastIndexOf(quote, close - 1);
  const isFar = start >= 0 && lineAt(text, start).start !== lineAt(text, at).start;
  const related = isFar
    ? { start, end: start + 1, message: 'the quoted text begins here: is its end missing?' }
    : undefined;
  return {
    start: at,
    end: lineAt(text, at).end,
    message: 'text follows behind a closing quote',
    hint: `quote the whole value; ${inside}`,
    ...(related && { related }),
  };
};

/** Something stands where nothing can follow. */
const ENDED = /^the value has ended before this$/;
/** The same, or something that could not even stand alone. */
const FOLLOWS = /^the value has ended before this$|cannot begin with|begins the name/;

const behindBracket: Teller = (text, { message, at }) => {
  const before = text.slice(lineAt(text, at).start, at).trimEnd().at(-1) ?? '';
  if (!FOLLOWS.test(message) || !/[\]}]/.test(before)) return undefined;
  const place = { start: at, end: lineAt(text, at).end };
  return { ...place, message: `text follows behind a closing ${before}`, hint: 'quote the whole value' };
};

const reserved: Teller = (text, { message, at }) => {
  if (!/cannot begin with|begins the name|begins a directive/.test(message)) return undefined;
  const place = { start: at, end: lineAt(text, at).end };
  const value = text.slice(place.start, place.end).trimEnd();
  return { ...place, message: `a value cannot begin with ${value.slice(0, 1)}`, hint: `quote it: ${quoted(value)}` };
};

const badEscape: Teller = (_, { message, at }) => {
  if (!message.includes('escape sequence')) return undefined;
  const hint = 'double the backslash, or use single quotes, in which it means itself';
  return { start: at, end: at + 2, message, hint };
};

const colonInside: Teller = (text, { message, at }) => {
  if (!message.startsWith('a value behind ": "')) return undefined;
  const line = lineAt(text, at);
  const start = line.start + text.slice(line.start, at).search(/(?<=:\s+)\S/);
  const value = text.slice(Math.max(line.start, start), line.end).trimEnd();
  return { start, end: line.end, message: 'a value that holds ": " needs quotes', hint: `quote it: ${quoted(value)}` };
};

const tooDeep: Teller = (text, { message, at }) => {
  if (!message.startsWith('the line is indented further')) return undefined;
  const above = lineAbove(text, at);
  const key = text.slice(above.start, above.end).replace(/^- +/, '').split(':', 1)[0] ?? '';
  const hint = `indent it by ${indentAt(text, above.start)} spaces, as "${key}"`;
  return { ...trimmedAt(text, at), message: `this line is indented under "${key}", which has a value already`, hint };
};

const misaligned: Teller = (text, { message, at }) => {
  if (!message.startsWith('the line is not indented')) return undefined;
  const place = trimmedAt(text, at);
  const above = lineAbove(text, at);
  const isItem = (line: Stretch): boolean => /^- /.test(text.slice(line.start, line.end));
  if (isItem(above) && !isItem(place) && indentAt(text, above.start) === indentAt(text, place.start))
    return {
      ...place,
      message: 'a "key: value" stands among items of a list',
      hint: 'write all of them as "- item", or none',
    };
  return { ...place, message: 'this line is not aligned with its neighbours', hint: levelHint(text, place.start) };
};

function levelHint(text: string, at: number): string {
  const indent = indentAt(text, at);
  const levels = levelsAbove(text, at);
  const near = [levels.find((level) => level > indent), levels.findLast((level) => level < indent)];
  const found = near.filter((level) => level !== undefined);
  return `it is indented by ${indent}: indent it by ${found.length === 0 ? levels.join(' or ') : found.join(' or ')}`;
}

const noKey: Teller = (text, { message, at }) => {
  if (!message.startsWith('a key and ":" were expected')) return undefined;
  const place = trimmedAt(text, at);
  const line = text.slice(place.start, place.end);
  const above = lineAbove(text, at);
  if (/[|>][-+\d]*$/.test(text.slice(above.start, above.end))) {
    const hint = `indent it by ${indentAt(text, above.start) + 2} spaces`;
    return { ...place, message: 'the text of a block must be indented deeper than its key', hint };
  }
  const [, key, value] = /^([^\s:]+):?\s*(.*)$/.exec(line) ?? [];
  const colon = line.includes(':') ? 'a space behind its colon' : 'a colon';
  const hint = value === undefined || value === '' ? `write "${line}: value"` : `write "${key ?? ''}: ${value}"`;
  return { ...place, message: `this line needs ${colon}`, hint };
};

const TELLERS: readonly Teller[] = [
  mergeConflict,
  tab,
  openQuote,
  variable,
  openBracket,
  surplus,
  behindQuote,
  behindBracket,
  reserved,
  badEscape,
  colonInside,
  tooDeep,
  misaligned,
  noKey,
];
