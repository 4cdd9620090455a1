// The scanner of YAML: from characters to tokens, by the rules of the reader that docker compose has (go-yaml 3), also where
// those are milder or stricter than YAML's own. Keys are found in hindsight, at their colon.
import { END, isBlank, isBreak, isGap, isLineEnd } from './chars.ts';
import {
  columnOf,
  createCursor,
  isDocumentMark,
  peek,
  skip,
  skipBreak,
  skipSpaces,
  take,
  YamlError,
  type Cursor,
} from './cursor.ts';
import { scanBlock } from './scan-block.ts';
import { scanAnchor, scanDirective, scanTag, skipLineComment } from './scan-names.ts';
import { scanPlain } from './scan-plain.ts';
import { scanQuoted } from './scan-quoted.ts';
import type { Token, TokenKind } from './tokens.ts';

/** A token that may turn out to be a key. */
interface Candidate {
  /** Number of the token from the start of the text. */
  readonly token: number;
  /** Nothing but a key can stand there. */
  readonly required: boolean;
  readonly at: number;
  readonly line: number;
  readonly column: number;
}

/** What the scanner keeps between tokens. */
export interface Scanner {
  readonly cursor: Cursor;
  /** Tokens that were not handed out yet. */
  readonly queue: Token[];
  /** The first of them, once nothing can come before it. */
  known: Token | undefined;
  /** How many were handed out. */
  taken: number;
  /** Indentation of the block around; -1 for none. */
  indent: number;
  readonly indents: number[];
  /** One for each flow collection that is open, and one for the blocks. */
  readonly candidates: (Candidate | undefined)[];
  /** Whether a key may begin here. */
  keyAllowed: boolean;
  /** What was scanned last. */
  last: TokenKind | undefined;
  /** Where the last text without quotes begins. */
  plain: number;
  /** Meanings of `!name!`. */
  handles: ReadonlyMap<string, string>;
}

/** What `!!` stands for. */
export const STANDARD_TAGS: ReadonlyMap<string, string> = new Map([['!!', 'tag:yaml.org,2002:']]);

/** A scanner at the start of a text. */
export function createScanner(text: string): Scanner {
  const blank = {
    queue: [],
    known: undefined,
    taken: 0,
    indent: -1,
    indents: [],
    candidates: [undefined],
    keyAllowed: true,
  };
  const context = { last: undefined, plain: 0, handles: STANDARD_TAGS };
  return { cursor: createCursor(text), ...blank, ...context };
}

/** The next token, which stays where it is. Throws YamlError. */
export function nextToken(scanner: Scanner): Token {
  if (scanner.known) return scanner.known;
  for (;;) {
    const first = scanner.queue[0];
    if (first && !mayBeKey(scanner)) {
      scanner.known = first;
      return first;
    }
    fetchToken(scanner);
  }
}

/** Takes the next token off. */
export function dropToken(scanner: Scanner): void {
  scanner.queue.shift();
  scanner.known = undefined;
  scanner.taken++;
}

/** True while it is open whether the next token is a key. */
function mayBeKey(scanner: Scanner): boolean {
  const { candidates, taken } = scanner;
  for (let level = 0; level < candidates.length; level++)
    if (candidates[level]?.token === taken && isOpen(scanner, level)) return true;
  return false;
}

/** A key ends on its own line, and soon. */
function isOpen({ candidates, cursor }: Scanner, level: number): boolean {
  const one = candidates[level];
  if (one === undefined) return false;
  if (one.line === cursor.line && one.at + MAX_KEY >= cursor.at) return true;
  if (one.required) throw new YamlError(NO_COLON, one.at);
  candidates[level] = undefined;
  return false;
}

const MAX_KEY = 1024;
const NO_COLON = 'a key and ":" were expected here';

const topOf = (scanner: Scanner): number => scanner.candidates.length - 1;
const inFlow = (scanner: Scanner): boolean => scanner.candidates.length > 1;

function fetchToken(scanner: Scanner): void {
  const { cursor } = scanner;
  skipToToken(scanner);
  closeBlocks(scanner, columnOf(cursor));
  scanner.last = fetchMark(scanner);
  if (scanner.last !== 'item' && cursor.breaks === 0) skipLineComment(cursor);
}

function skipToToken(scanner: Scanner): void {
  const { cursor } = scanner;
  for (;;) {
    if (columnOf(cursor) === 0 && peek(cursor) === '\ufeff') skip(cursor);
    skipSpaces(cursor);
    // a tab is no blank where a key or an item may begin
    while (peek(cursor) === ' ' || (peek(cursor) === '\t' && (inFlow(scanner) || !scanner.keyAllowed))) skip(cursor);
    if (peek(cursor) === '#') skipComments(cursor);
    if (!isBreak(peek(cursor))) return;
    skipBreak(cursor);
    if (!inFlow(scanner)) scanner.keyAllowed = true;
  }
}

/** A comment, and those on the lines below it: between them even tabs are blanks. */
function skipComments(cursor: Cursor): void {
  let ahead = 0;
  while (peek(cursor, ahead) === '#') {
    const target = cursor.at + ahead;
    while (cursor.at < target) if (skipBreak(cursor) === '') skip(cursor);
    take(cursor, (char) => !isLineEnd(char));
    ahead = 0;
    while (isBlank(peek(cursor, ahead)) || isBreak(peek(cursor, ahead))) ahead++;
  }
}

/** Ends the blocks that are indented further than a column. */
function closeBlocks(scanner: Scanner, column: number): void {
  if (inFlow(scanner)) return;
  while (scanner.indent > column) {
    push(scanner, 'block-end', scanner.cursor.at);
    scanner.indent = scanner.indents.pop() ?? -1;
  }
}

/** Begins a block at a column, unless there is one already; before a token, or behind all of them. */
function openBlock(scanner: Scanner, kind: 'block-list' | 'block-map', at: Place): void {
  if (inFlow(scanner) || scanner.indent >= at.column) return;
  scanner.indents.push(scanner.indent);
  scanner.indent = at.column;
  const token = { kind, start: at.at, end: at.at, text: '' };
  scanner.queue.splice(at.token === undefined ? scanner.queue.length : at.token - scanner.taken, 0, token);
}

interface Place {
  readonly at: number;
  readonly column: number;
  /** Number of the token the block begins with. */
  readonly token?: number;
}

const placeOf = ({ cursor }: Scanner): Place => ({ at: cursor.at, column: columnOf(cursor) });

function push(scanner: Scanner, kind: TokenKind, start: number, text = ''): TokenKind {
  scanner.queue.push({ kind, start, end: scanner.cursor.at, text });
  return kind;
}

function saveCandidate(scanner: Scanner): void {
  if (!scanner.keyAllowed) return;
  const { cursor, indent } = scanner;
  dropCandidate(scanner);
  const required = !inFlow(scanner) && indent === columnOf(cursor);
  const token = scanner.taken + scanner.queue.length;
  scanner.candidates[topOf(scanner)] = { token, required, at: cursor.at, line: cursor.line, column: columnOf(cursor) };
}

function dropCandidate(scanner: Scanner): void {
  const one = scanner.candidates[topOf(scanner)];
  if (one?.required === true) throw new YamlError(NO_COLON, one.at);
  scanner.candidates[topOf(scanner)] = undefined;
}

/** Scans one token at the cursor; tells its kind. */
function fetchMark(scanner: Scanner): TokenKind {
  const { cursor } = scanner;
  const char = peek(cursor);
  if (char === END) return fetchEnd(scanner);
  if (columnOf(cursor) === 0 && char === '%') return fetchDirective(scanner);
  if (isDocumentMark(cursor)) return fetchDocumentMark(scanner);
  const mark = FLOW_MARKS[char];
  if (mark !== undefined) return fetchFlowMark(scanner, mark);
  if ('-?:'.includes(char)) return fetchIndicator(scanner, char);
  if ((char === '|' || char === '>') && !inFlow(scanner)) return fetchBlock(scanner);
  if (NAMES.includes(char)) return fetchName(scanner, char);
  return char === '"' || char === "'" ? fetchQuoted(scanner) : fetchPlain(scanner);
}

/** The mark of an item, a key or a value, when a gap is behind it; texts may begin with it, too. */
function fetchIndicator(scanner: Scanner, char: string): TokenKind {
  const hasGap = isGap(peek(scanner.cursor, 1));
  if (char === '-') return hasGap ? fetchItem(scanner) : fetchPlain(scanner);
  if (!hasGap && !inFlow(scanner)) return fetchPlain(scanner);
  return char === '?' ? fetchKey(scanner) : fetchValue(scanner);
}

const FLOW_MARKS: Readonly<Record<string, TokenKind>> = {
  '[': 'flow-list',
  '{': 'flow-map',
  ']': 'flow-list-end',
  '}': 'flow-map-end',
  ',': 'comma',
};
const NAMES = ['*', '&', '!'];

function fetchEnd(scanner: Scanner): TokenKind {
  const { cursor } = scanner;
  // the end is a line of its own: what could still be a key is none
  cursor.line++;
  cursor.lineStart = cursor.at;
  closeBlocks(scanner, -1);
  dropCandidate(scanner);
  scanner.keyAllowed = false;
  return push(scanner, 'stream-end', cursor.at);
}

function fetchDirective(scanner: Scanner): TokenKind {
  const start = scanner.cursor.at;
  closeBlocks(scanner, -1);
  dropCandidate(scanner);
  scanner.keyAllowed = false;
  return push(scanner, 'directive', start, scanDirective(scanner.cursor));
}

function fetchDocumentMark(scanner: Scanner): TokenKind {
  const { cursor } = scanner;
  const start = cursor.at;
  const kind = peek(cursor) === '-' ? 'document-start' : 'document-end';
  closeBlocks(scanner, -1);
  dropCandidate(scanner);
  scanner.keyAllowed = false;
  skip(cursor, 3);
  return push(scanner, kind, start);
}

function fetchFlowMark(scanner: Scanner, kind: TokenKind): TokenKind {
  const start = scanner.cursor.at;
  const opens = kind === 'flow-list' || kind === 'flow-map';
  if (opens) saveCandidate(scanner);
  else dropCandidate(scanner);
  if (opens) scanner.candidates.push(undefined);
  else if (kind !== 'comma' && inFlow(scanner)) scanner.candidates.pop();
  scanner.keyAllowed = opens || kind === 'comma';
  skip(scanner.cursor);
  return push(scanner, kind, start);
}

function fetchItem(scanner: Scanner): TokenKind {
  const start = scanner.cursor.at;
  if (!inFlow(scanner) && !scanner.keyAllowed) throw new YamlError('an item of a list cannot begin here', start);
  openBlock(scanner, 'block-list', placeOf(scanner));
  dropCandidate(scanner);
  scanner.keyAllowed = true;
  skip(scanner.cursor);
  return push(scanner, 'item', start);
}

function fetchKey(scanner: Scanner): TokenKind {
  const start = scanner.cursor.at;
  if (!inFlow(scanner) && !scanner.keyAllowed) throw new YamlError('a key cannot begin here', start);
  openBlock(scanner, 'block-map', placeOf(scanner));
  dropCandidate(scanner);
  scanner.keyAllowed = !inFlow(scanner);
  skip(scanner.cursor);
  return push(scanner, 'key', start);
}

function fetchValue(scanner: Scanner): TokenKind {
  const { cursor } = scanner;
  const start = cursor.at;
  const key = scanner.candidates[topOf(scanner)];
  if (key !== undefined && isOpen(scanner, topOf(scanner))) {
    scanner.queue.splice(key.token - scanner.taken, 0, { kind: 'key', start: key.at, end: key.at, text: '' });
    openBlock(scanner, 'block-map', key);
    scanner.candidates[topOf(scanner)] = undefined;
    scanner.keyAllowed = false;
  } else {
    if (!inFlow(scanner) && !scanner.keyAllowed) throw noValue(scanner);
    openBlock(scanner, 'block-map', placeOf(scanner));
    scanner.keyAllowed = !inFlow(scanner);
  }
  skip(cursor);
  return push(scanner, 'value', start);
}

/** Behind a text of several lines, one of them lacks its colon or is indented too far. */
function noValue({ plain, last, cursor: { text, at } }: Scanner): YamlError {
  if (last !== 'scalar' || !text.slice(plain, at).includes('\n'))
    return new YamlError('a value behind ": " cannot stand here', at);
  const beginsLine = text.slice(text.lastIndexOf('\n', plain) + 1, plain).trim() === '';
  if (beginsLine) return new YamlError(NO_COLON, plain);
  const line = text.lastIndexOf('\n', at) + 1;
  const indent = text.slice(line).search(/\S/);
  return new YamlError('the line is indented further than the key above, and so part of its value', line + indent);
}

function fetchName(scanner: Scanner, mark: string): TokenKind {
  const { cursor } = scanner;
  const start = cursor.at;
  saveCandidate(scanner);
  scanner.keyAllowed = false;
  if (mark === '!') return push(scanner, 'tag', start, scanTag(cursor, scanner.handles));
  return push(scanner, mark === '*' ? 'alias' : 'anchor', start, scanAnchor(cursor));
}

function fetchBlock(scanner: Scanner): TokenKind {
  const start = scanner.cursor.at;
  dropCandidate(scanner);
  scanner.keyAllowed = true;
  return push(scanner, 'scalar', start, scanBlock(scanner.cursor, scanner.indent));
}

function fetchQuoted(scanner: Scanner): TokenKind {
  const start = scanner.cursor.at;
  saveCandidate(scanner);
  scanner.keyAllowed = false;
  return push(scanner, 'scalar', start, scanQuoted(scanner.cursor));
}

function fetchPlain(scanner: Scanner): TokenKind {
  const { cursor } = scanner;
  const start = cursor.at;
  if (!beginsPlain(cursor, inFlow(scanner))) throw new YamlError(cannotBegin(peek(cursor)), start);
  saveCandidate(scanner);
  scanner.keyAllowed = false;
  const { text, end, hasBroken } = scanPlain(cursor, scanner.indent + 1, inFlow(scanner));
  if (hasBroken) scanner.keyAllowed = true;
  scanner.plain = start;
  scanner.queue.push({ kind: 'scalar', start, end, text, plain: true });
  return 'scalar';
}

function beginsPlain(cursor: Cursor, isFlow: boolean): boolean {
  const char = peek(cursor);
  const next = peek(cursor, 1);
  if (char === '-') return !isBlank(next);
  if (char === '?' || char === ':') return !isFlow && !isGap(next);
  return !isBlank(char) && !'#&*!|>\'"%@`'.includes(char);
}

const cannotBegin = (char: string): string =>
  char === '\t' ? 'tabs cannot indent a line' : `a text cannot begin with ${char} without quotes`;
