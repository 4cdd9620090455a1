// The grammar of .env and env_file: KEY=value lines, quotes, comments, `export`, variables inside values.
import { fillTemplate, TemplateError, type Lookup } from '../interpolate/template.ts';
import { expandEscapes } from './escapes.ts';

/** One problem of an environment file; `line` counts from 1. */
export interface EnvProblem {
  readonly line: number;
  readonly message: string;
}

/** The variables of a file, in order; a bare `KEY` is there only when the lookup knows it. */
export interface EnvFileContent {
  readonly values: ReadonlyMap<string, string>;
  /** Used inside values, but set nowhere. */
  readonly unset: readonly string[];
  readonly problems: readonly EnvProblem[];
}

interface State {
  readonly text: string;
  at: number;
  readonly lookup: Lookup;
  readonly values: Map<string, string>;
  readonly unset: string[];
  readonly problems: EnvProblem[];
}

/** Parses a file. `lookup` wins over earlier keys inside values. Stops at the first line that makes no sense. */
export function parseEnvFile(text: string, lookup: Lookup): EnvFileContent {
  const state: State = { text, at: 0, lookup, values: new Map(), unset: [], problems: [] };
  while (skipToStatement(state) && readStatement(state));
  return state;
}

const BLANK = /[\s\u0085]/;

/** Moves to the next key; false at the end. */
function skipToStatement(state: State): boolean {
  for (; state.at < state.text.length; state.at++) {
    const char = state.text[state.at] ?? '';
    if (char === '#') state.at = endOfLine(state);
    else if (!BLANK.test(char)) return true;
  }
  return false;
}

const EXPORT = /export\s+/y;
const KEY = /[\p{L}\p{N}_.\-[\] \t\v\f\r\u0085\u00a0]*/uy;

/** Reads `KEY=value` or a bare `KEY`; false after a problem. */
function readStatement(state: State): boolean {
  state.at += match(EXPORT, state)?.length ?? 0;
  const start = state.at;
  const key = (match(KEY, state) ?? '').trimEnd();
  state.at += match(KEY, state)?.length ?? 0;
  const separator = state.text[state.at];
  const bare = separator === undefined || separator === '\n';
  if (!bare && separator !== '=' && separator !== ':')
    return fail(
      state,
      start,
      `unexpected character ${JSON.stringify(separator)} in variable name ${JSON.stringify(lineAt(state, start))}`,
    );
  if (/\s/.test(key)) return fail(state, start, `the name "${key}" holds a space`);
  state.at++;
  if (!bare) return readValue(state, key);
  const inherited = state.lookup(key);
  if (inherited !== undefined) state.values.set(key, inherited);
  return true;
}

function readValue(state: State, key: string): boolean {
  while (/[ \t\v\f\r\u0085\u00a0]/.test(state.text[state.at] ?? '')) state.at++;
  const quote = state.text[state.at];
  if (quote === '"' || quote === "'") return readQuoted(state, key, quote);
  const start = state.at;
  state.at = endOfLine(state);
  const raw = state.text.slice(start, state.at).split(' #', 1)[0] ?? '';
  return store(state, key, { raw: raw.trimEnd(), start });
}

/** Reads to the closing quote, over lines. What follows on the line is a statement of its own. */
function readQuoted(state: State, key: string, quote: string): boolean {
  const start = state.at;
  let raw = '';
  for (state.at++; state.at < state.text.length; state.at++) {
    const char = state.text[state.at] ?? '';
    if (char === quote) {
      state.at++;
      if (quote === '"') return store(state, key, { raw: expandEscapes(raw), start });
      state.values.set(key, raw);
      return true;
    }
    const next = state.text[state.at + 1];
    if (char === '\\' && next !== undefined) {
      raw += next === quote ? quote : `\\${next}`;
      state.at++;
    } else raw += char;
  }
  return fail(state, start, 'a quoted value has no closing quote');
}

function store(state: State, key: string, value: { raw: string; start: number }): boolean {
  try {
    const lookup: Lookup = (name) => state.lookup(name) ?? state.values.get(name);
    const filled = fillTemplate(value.raw, lookup);
    state.unset.push(...filled.unset);
    state.values.set(key, filled.value);
    return true;
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    return fail(state, value.start, error.message);
  }
}

function fail(state: State, at: number, message: string): false {
  state.problems.push({ line: state.text.slice(0, at).split('\n').length, message });
  return false;
}

function endOfLine(state: State): number {
  const end = state.text.indexOf('\n', state.at);
  return end < 0 ? state.text.length : end;
}

function lineAt(state: State, start: number): string {
  return (state.text.slice(start).split('\n', 1)[0] ?? '').slice(0, 80);
}

function match(pattern: RegExp, state: State): string | undefined {
  pattern.lastIndex = state.at;
  return pattern.exec(state.text)?.[0];
}
