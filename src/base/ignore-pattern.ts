// One pattern of an ignore file as a test of paths, quirks of Docker's matcher included.
import { posix } from 'node:path';
import { GantryError } from './error.ts';

/** A pattern that can be asked. */
export interface CompiledPattern {
  /** `!`: what fits is kept. */
  readonly isKept: boolean;
  readonly matches: (path: string) => boolean;
  /** What every path that fits begins with. */
  readonly literal: string;
  /** There is nothing in it but that. */
  readonly isLiteral: boolean;
}

/** Compiles; undefined for a pattern that says nothing (`/`). Throws client/bad-context. */
export function compilePattern(source: string): CompiledPattern | undefined {
  const isKept = source.startsWith('!');
  const written = (isKept ? source.slice(1) : source).trim();
  if (isKept && written === '') throw badPattern(source, 'there is nothing after the "!"');
  const pattern = posix.normalize(written).replace(/^\/+/, '').replace(/\/+$/, '');
  if (pattern === '') return undefined;
  const special = pattern.search(/[*?[\\]/);
  const literal = special < 0 ? pattern : pattern.slice(0, special);
  return { isKept, literal, isLiteral: special < 0, matches: matcherOf(pattern, source) };
}

function matcherOf(pattern: string, source: string): (path: string) => boolean {
  // "." and ".." are no paths below the folder: they fit nothing; nor does Docker read "\\" where no wildcard is
  if (!/[*?[]/.test(pattern)) return (path) => path === pattern;
  const inner = pattern.slice(2);
  if (pattern.startsWith('**') && !/[*?[\\]/.test(inner)) {
    return (path) => path.endsWith(inner) || (inner.startsWith('/') && path === inner.slice(1));
  }
  const expression = expressionOf(pattern, source);
  return (path) => expression.test(path);
}

/** `*` and `?` stop at `/`; `**` is any number of folders, and anything at all where the pattern ends in it. */
function expressionOf(pattern: string, source: string): RegExp {
  let text = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern.charAt(at);
    if (pattern.startsWith('**', at)) {
      // several in a row are one: a chain of them would take for ever to fail
      at += (/^(?:\*\*\/?)+/.exec(pattern.slice(at))?.[0].length ?? 2) - 1;
      text += at === pattern.length - 1 ? '.*' : '(?:.*/)?';
    } else if (char === '*') text += '[^/]*';
    else if (char === '?') text += '[^/]';
    else if (char === '[') {
      const set = /^\[\^?(?:\\.|[^\]\\])+\]/.exec(pattern.slice(at))?.[0];
      if (set === undefined) throw badPattern(source, 'a "[" has no "]"');
      text += set.replace(/(?<=^\[\^?)\[/, '\\[');
      at += set.length - 1;
    } else if (char === '\\') {
      at += 1;
      if (at >= pattern.length) throw badPattern(source, 'a "\\" stands at the end');
      text += escaped(pattern.charAt(at));
    } else text += escaped(char);
  }
  try {
    return new RegExp(`^${text}$`, 'su');
  } catch (error) {
    if (error instanceof SyntaxError) throw badPattern(source, 'it cannot be read');
    throw error;
  }
}

const escaped = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');

function badPattern(pattern: string, reason: string): GantryError {
  return new GantryError('client/bad-context', `ignore pattern ${JSON.stringify(pattern)}: ${reason}`, {
    hint: 'correct that line of the ignore file',
  });
}
