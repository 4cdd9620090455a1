// Cuts a Go template into text and the words of its actions. Knows nothing of what they mean.
import { GantryError } from '../../base/error.ts';

/** A word of an action; `at` is its offset in the template. */
export interface Token {
  readonly kind: 'field' | 'variable' | 'word' | 'string' | 'char' | 'number' | 'mark' | 'space';
  readonly text: string;
  readonly at: number;
}

/** Text as it is, or the words between `{{` and `}}`. */
export type Piece =
  { readonly kind: 'text'; readonly text: string } | { readonly kind: 'action'; readonly tokens: readonly Token[] };

const WORDS =
  /(?<space>\s+)|(?<field>\.[\p{L}_][\p{L}\p{N}_]*)|(?<variable>\$[\p{L}\p{N}_]*)|(?<string>"(?:\\.|[^"\\\n])*"|`[^`]*`)|(?<char>'(?:\\.|[^'\\\n])+')|(?<number>[-+]?(?:0[xX][0-9a-fA-F_]+|\d[\d_]*(?:\.\d+)?(?:[eE][-+]?\d+)?))|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<mark>:=|[.|(),=])/uy;

/** All pieces in order; a comment is no piece. Throws usage/invalid-template. */
export function lexTemplate(text: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let trims = false;
  for (let open = text.indexOf('{{'); open >= 0; open = text.indexOf('{{', at)) {
    const trimsBefore = /^\{\{-\s/.test(text.slice(open, open + 4));
    const before = trims ? text.slice(at, open).trimStart() : text.slice(at, open);
    pushText(pieces, trimsBefore ? before.trimEnd() : before);
    const action = lexAction(text, open + (trimsBefore ? 3 : 2));
    if (action.tokens !== undefined) pieces.push({ kind: 'action', tokens: action.tokens });
    at = action.end;
    trims = action.trims;
  }
  pushText(pieces, trims ? text.slice(at).trimStart() : text.slice(at));
  return pieces;
}

/** The error for a template that cannot be read; `at` is where. */
export function parseError(source: string, at: number, problem: string): GantryError {
  const line = source.slice(0, at).split('\n').length;
  return new GantryError('usage/invalid-template', `template parsing error: template: :${line}: ${problem}`);
}

function pushText(pieces: Piece[], text: string): void {
  if (text !== '') pieces.push({ kind: 'text', text });
}

interface Action {
  /** Undefined for a comment. */
  readonly tokens: readonly Token[] | undefined;
  readonly end: number;
  readonly trims: boolean;
}

const CLOSE = /(?:\s-)?\}\}/y;

function lexAction(text: string, from: number): Action {
  const comment = /\s*\/\*[^]*?\*\/(\s-)?\}\}/y;
  comment.lastIndex = from;
  const found = comment.exec(text);
  if (found !== null) return { tokens: undefined, end: comment.lastIndex, trims: found[1] !== undefined };
  const tokens: Token[] = [];
  let at = from;
  while (at < text.length) {
    CLOSE.lastIndex = at;
    const close = CLOSE.exec(text);
    if (close !== null) return { tokens, end: CLOSE.lastIndex, trims: close[0].length > 2 };
    const token = lexToken(text, at);
    tokens.push(token);
    at += token.text.length;
  }
  throw parseError(text, from, 'unclosed action');
}

function lexToken(text: string, at: number): Token {
  WORDS.lastIndex = at;
  const match = WORDS.exec(text);
  const found = Object.entries(match?.groups ?? {}).find((entry) => (entry[1] as string | undefined) !== undefined);
  if (found === undefined) {
    const char = text.charAt(at);
    if (char === '"') throw parseError(text, at, 'unterminated quoted string');
    throw parseError(text, at, `unexpected ${JSON.stringify(char)} in command`);
  }
  return { kind: found[0] as Token['kind'], text: found[1], at };
}
