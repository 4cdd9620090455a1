// The grammar of .env and env_file: KEY=value lines, quotes, comments, `export`, variables inside values.
import { fillTemplate, TemplateError, type Lookup } from '../interpolate/template.ts';
import { expandEscapes } from './escapes.ts';

/** A part of the text, as offsets. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** One problem of an environment file. */
export interface EnvProblem extends Stretch {
  readonly message: string;
  readonly hint?: string;
}

/** The variables of a file, in order; a bare `KEY` is there only when the lookup knows it. */
export interface EnvFileContent {
  readonly values: ReadonlyMap<string, string>;
  /** From the name to the end of the value. */
  readonly places: ReadonlyMap<string, Stretch>;
  /** Used inside values, but set nowhere; the place is the value's. */
  readonly unset: readonly (Stretch & { readonly name: string })[];
  readonly problems: readonly EnvProblem[];
}

interface State {
  readonly text: string;
  at: number;
  readonly lookup: Lookup;
  readonly values: Map<string, string>;
  readonly places: Map<string, Stretch>;
  readonly unset: (Stretch & { readonly name: string })[];
  readonly problems: EnvProblem[];
}

const MAX_PROBLEMS = 100;

/** Parses a file. `lookup` wins over earlier keys inside values. A line that makes no sense is left out. */
export function parseEnvFile(text: string, lookup: Lookup): EnvFileContent {
  const state: State = { text, at: 0, lookup, values: new Map(), places: new Map(), unset: [], problems: [] };
  while (state.problems.length < MAX_PROBLEMS && skipToStatement(state)) readStatement(state);
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

/** Reads `KEY=value` or a bare `KEY`. */
function readStatement(state: State): void {
  state.at += match(EXPORT, state)?.length ?? 0;
  const start = state.at;
  const key = (match(KEY, state) ?? '').trimEnd();
  state.at += match(KEY, state)?.length ?? 0;
  const separator = state.text[state.at];
  if (separator === undefined) {
    readLast(state, key);
    return;
  }
  const bare = separator === '\n';
  if (!bare && separator !== '=' && separator !== ':') {
    fail(state, start, {
      message: `unexpected character ${JSON.stringify(separator)} in variable name ${JSON.stringify(lineAt(state, start))}`,
      hint: 'write NAME=value, or begin a comment with #',
    });
    return;
  }
  if (/\s/.test(key)) {
    fail(state, start, {
      message: `the name "${key}" holds a space`,
      hint: `write ${key.replaceAll(/\s+/g, '_')}=value`,
    });
    return;
  }
  state.at++;
  if (bare) inherit(state, key);
  else readValue(state, key);
  state.places.set(key, { start, end: Math.max(start + key.length, state.at) });
}

function inherit(state: State, key: string): void {
  const inherited = state.lookup(key);
  if (inherited !== undefined) state.values.set(key, inherited);
}

/** A bare name that no line end follows is the value of the empty name: docker compose reads it so. */
function readLast(state: State, text: string): void {
  if (text === '') fail(state, state.at, { message: 'a name is missing', hint: 'write NAME=value' });
  else {
    state.values.set('', text);
    state.places.set('', { start: state.at - text.length, end: state.at });
  }
}

function readValue(state: State, key: string): void {
  while (/[ \t\v\f\r\u0085\u00a0]/.test(state.text[state.at] ?? '')) state.at++;
  const quote = state.text[state.at];
  if (quote === '"' || quote === "'") {
    readQuoted(state, key, quote);
    return;
  }
  const start = state.at;
  state.at = endOfLine(state);
  const raw = state.text.slice(start, state.at).split(' #', 1)[0] ?? '';
  store(state, key, { raw: raw.trimEnd(), start });
}

/** Reads to the closing quote, over lines. What follows on the line is a statement of its own. */
function readQuoted(state: State, key: string, quote: string): void {
  const start = state.at;
  let raw = '';
  for (state.at++; state.at < state.text.length; state.at++) {
    const char = state.text[state.at] ?? '';
    if (char === quote) {
      state.at++;
      if (quote === '"') store(state, key, { raw: expandEscapes(raw), start });
      else state.values.set(key, raw);
      return;
    }
    const next = state.text[state.at + 1];
    if (char === '\\' && next !== undefined) {
      raw += next === quote ? quote : `\\${next}`;
      state.at++;
    } else raw += char;
  }
  fail(state, start, { message: 'a quoted value has no closing quote', hint: `add ${quote} at its end` });
}

function store(state: State, key: string, value: { raw: string; start: number }): void {
  try {
    const lookup: Lookup = (name) => state.lookup(name) ?? state.values.get(name);
    const filled = fillTemplate(value.raw, lookup);
    for (const name of filled.unset) state.unset.push({ name, start: value.start, end: state.at });
    state.values.set(key, filled.value);
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error;
    fail(state, value.start, { message: error.message, hint: error.fault.hint });
  }
}

/** Goes on with the next line. */
function fail(state: State, start: number, why: { readonly message: string; readonly hint: string }): void {
  state.at = start;
  state.at = endOfLine(state);
  state.problems.push({ ...why, start, end: Math.max(start + 1, state.at) });
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
