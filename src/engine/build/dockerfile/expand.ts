// Variables, quotes and escapes in an instruction's words, as BuildKit's shell lexer has them. Pure; which values
// there are (environment over ARG) is put together by `lookupOf`.
import { GantryError } from '../../../base/error.ts';
import { cutPrefix, cutSuffix, replacePattern } from './pattern.ts';
import { isBlank } from './shell-words.ts';
import type { Dockerfile, Heredoc } from './types.ts';
import { heredocText } from './heredoc.ts';

/** A variable's value; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** How words are expanded. */
export interface Expansion {
  readonly lookup: Lookup;
  readonly escape: Dockerfile['escape'];
}

/** The rule of Dockerfiles: what ENV (or the base image) sets hides an ARG of that name. */
export function lookupOf(env: ReadonlyMap<string, string>, args: ReadonlyMap<string, string>): Lookup {
  return (name) => env.get(name) ?? args.get(name);
}

/** One word: ENV, LABEL, ARG, COPY, ADD, WORKDIR, USER, STOPSIGNAL, VOLUME, FROM and flags' values. Blanks stay. */
export function expandWord(word: string, expansion: Expansion): string {
  return expanded(word, expansion).value;
}

/** Words, split where a variable's value has blanks that no quote holds together: EXPOSE. */
export function expandWords(word: string, expansion: Expansion): readonly string[] {
  return expanded(word, expansion).words;
}

/** A heredoc's file: variables are filled in unless its name was quoted; quotes stay, and so do variables not set. */
export function expandHeredoc(heredoc: Heredoc, expansion: Expansion): string {
  const text = heredocText(heredoc);
  if (!heredoc.expand) return text;
  const lexer = new Lexer(text, { ...expansion, raw: true });
  return guarded(text.split('\n')[0] ?? '', () => lexer.until('').value);
}

/** Most nested `${a:-${b:-…}}`. */
const MAX_DEPTH = 100;

interface Mode extends Expansion {
  /** Quotes are text, variables that are not set stay as written. */
  readonly raw?: boolean;
}

interface Piece {
  readonly value: string;
  readonly words: readonly string[];
}

function expanded(word: string, expansion: Expansion): Piece {
  return guarded(word, () => new Lexer(word, expansion).until(''));
}

class LexerError extends Error {}

function guarded<T>(word: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof LexerError)) throw error;
    throw new GantryError('engine/invalid-dockerfile', `failed to process ${JSON.stringify(word)}: ${error.message}`);
  }
}

/** Collects a word's value, and the words it falls into. */
class Pieces {
  value = '';
  readonly #words: string[] = [];
  #word = '';
  /** Set when the word must count even if it is empty: `""`. */
  #hasWord = false;

  /** Text whose blanks are kept: quoted or escaped. */
  raw(text: string): void {
    this.value += text;
    this.#word += text;
    this.#hasWord = true;
  }

  /** Text whose blanks end words. */
  text(text: string): void {
    this.value += text;
    for (const char of text) {
      if (isBlank(char)) this.#end();
      else {
        this.#word += char;
        this.#hasWord = true;
      }
    }
  }

  done(): Piece {
    this.#end();
    return { value: this.value, words: this.#words };
  }

  #end(): void {
    if (this.#hasWord) this.#words.push(this.#word);
    this.#word = '';
    this.#hasWord = false;
  }
}

const SPECIAL = /^[@*#?\-$!0]$/;
const NAME = /[\p{L}\p{Nd}_]*/uy;
const DIGITS = /\d+/y;

class Lexer {
  readonly #text: string;
  readonly #mode: Mode;
  #at = 0;
  #depth = 0;

  constructor(text: string, mode: Mode) {
    this.#text = text;
    this.#mode = mode;
  }

  /** Reads up to `stop` (taken too), or to the end for ''. With `keepEscapes` escape characters stay: patterns. */
  until(stop: string, keepEscapes = false): Piece {
    const pieces = new Pieces();
    while (this.#at < this.#text.length) {
      const char = this.#next();
      if (char === stop) return pieces.done();
      if (char === '$') pieces.text(this.#dollar());
      else if (!this.#isRaw() && char === "'") pieces.raw(this.#single());
      else if (!this.#isRaw() && char === '"') pieces.raw(this.#double());
      else if (char === this.#mode.escape) this.#escaped(pieces, keepEscapes);
      else pieces.text(char);
    }
    if (stop === '') return pieces.done();
    throw new LexerError(
      stop === '}' ? "syntax error: missing '}'" : `unexpected end of statement while looking for matching ${stop}`,
    );
  }

  #isRaw(): boolean {
    return this.#mode.raw === true;
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  #next(): string {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    this.#at += char.length;
    return char;
  }

  #escaped(pieces: Pieces, keepEscapes: boolean): void {
    // in a heredoc only `\$` means anything
    if (keepEscapes || (this.#isRaw() && this.#peek() !== '$')) pieces.raw(this.#mode.escape);
    if (this.#at < this.#text.length) pieces.raw(this.#next());
  }

  #single(): string {
    const end = this.#text.indexOf("'", this.#at);
    if (end < 0) throw new LexerError('unexpected end of statement while looking for matching single-quote');
    const text = this.#text.slice(this.#at, end);
    this.#at = end + 1;
    return text;
  }

  #double(): string {
    let text = '';
    while (this.#at < this.#text.length) {
      const char = this.#next();
      if (char === '"') return text;
      if (char === '$') text += this.#dollar();
      else if (char === this.#mode.escape && ['"', '$', char].includes(this.#peek())) text += this.#next();
      else text += char;
    }
    throw new LexerError('unexpected end of statement while looking for matching double-quote');
  }

  #dollar(): string {
    if (this.#peek() !== '{') {
      const name = this.#name();
      return name === '' ? '$' : this.#value(name, `$${name}`);
    }
    const start = this.#at - 1;
    this.#at += 1;
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new LexerError('variables are nested too deeply');
    const value = this.#braced(start);
    this.#depth -= 1;
    return value;
  }

  #value(name: string, written: string): string {
    return this.#mode.lookup(name) ?? (this.#isRaw() ? written : '');
  }

  #braced(start: number): string {
    if (this.#at >= this.#text.length) throw new LexerError("syntax error: missing '}'");
    if ('{}:'.includes(this.#peek())) throw new LexerError('syntax error: bad substitution');
    const name = this.#name();
    if (this.#at >= this.#text.length) throw new LexerError("syntax error: missing '}'");
    let operator = this.#next();
    if (operator === '}') return this.#value(name, this.#text.slice(start, this.#at));
    if (operator === ':') operator += this.#next();
    if (/^:?[-+?]$/.test(operator)) return this.#conditional(name, operator);
    if (/^[#%/]$/.test(operator)) return this.#patterned(name, operator, start);
    throw new LexerError(`unsupported modifier (${operator}) in substitution`);
  }

  #conditional(name: string, operator: string): string {
    const word = this.until('}').value;
    const value = this.#mode.lookup(name);
    const isGiven = value !== undefined && !(operator.startsWith(':') && value === '');
    const kind = operator.at(-1);
    if (kind === '+') return isGiven ? word : '';
    if (isGiven) return value;
    if (kind === '-') return word;
    const state = value === undefined ? 'unset' : 'empty';
    throw new LexerError(`${name}: ${word === '' ? `is not allowed to be ${state}` : word}`);
  }

  #patterned(name: string, operator: string, start: number): string {
    const isDoubled = this.#peek() === operator;
    if (isDoubled) this.#at += 1;
    const pattern = this.until(operator === '/' ? '/' : '}', true).value;
    const replacement = operator === '/' ? this.until('}', true).value : '';
    const value = this.#mode.lookup(name);
    if (value === undefined) return this.#isRaw() ? this.#text.slice(start, this.#at) : '';
    if (operator === '#') return cutPrefix(value, pattern, isDoubled);
    if (operator === '%') return cutSuffix(value, pattern, isDoubled);
    return replacePattern(value, { pattern, replacement, all: isDoubled });
  }

  #name(): string {
    DIGITS.lastIndex = this.#at;
    NAME.lastIndex = this.#at;
    const special = SPECIAL.test(this.#peek()) ? this.#peek() : undefined;
    const name = special ?? DIGITS.exec(this.#text)?.[0] ?? NAME.exec(this.#text)?.[0] ?? '';
    this.#at += name.length;
    return name;
  }
}
