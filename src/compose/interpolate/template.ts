// The variable grammar of compose files and .env files: $NAME, ${NAME}, ${NAME:-default} and its kin, nested and
// lazy: a branch that is not taken neither warns nor fails.

/** Looks a variable up; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** The result of filling a text in. */
export interface Filled {
  readonly value: string;
  /** Variables that had no value and no default. */
  readonly unset: readonly string[];
  /** Variables that decided what the text became, in the order they were met. */
  readonly used: readonly Use[];
}

/** One use of a variable; `fallback` is what stood in for it. */
export interface Use {
  readonly name: string;
  readonly fallback?: string;
}

/** Where in a text something is wrong, and what mends it. */
export interface Fault {
  readonly index: number;
  readonly length: number;
  readonly hint: string;
  /** Of a variable that must be set. */
  readonly name?: string;
}

/** Why a text could not be filled in. */
export class TemplateError extends Error {
  readonly fault: Fault;
  constructor(message: string, fault: Fault) {
    super(message);
    this.fault = fault;
  }
}

const MAX_DEPTH = 100;
/** Characters; values that are made of one another double soon. */
const MAX_LENGTH = 4 * 1024 * 1024;
/** A name at a place. */
export const NAMED = /[_a-zA-Z][_a-zA-Z0-9]*/y;
/** An operator behind a name. */
export const OPERATOR = /:?[-?+]/y;

/** Fills in the variables of a text. Throws TemplateError. */
export function fillTemplate(template: string, lookup: Lookup): Filled {
  if (!template.includes('$')) return { value: template, unset: [], used: [] };
  const unset: string[] = [];
  const used: Use[] = [];
  const value = fill(template, { lookup, unset, used, offset: 0, depth: 0 });
  return { value, unset, used };
}

interface State {
  readonly lookup: Lookup;
  readonly unset: string[];
  readonly used: Use[];
  /** Where the text stands in the whole. */
  readonly offset: number;
  readonly depth: number;
}

function fill(template: string, state: State): string {
  let out = '';
  let at = 0;
  for (;;) {
    const dollar = template.indexOf('$', at);
    if (out.length > MAX_LENGTH) throw tooLong(template, state);
    if (dollar < 0) return out + template.slice(at);
    out += template.slice(at, dollar);
    const next = template[dollar + 1];
    if (next === '$') {
      out += '$';
      at = dollar + 2;
    } else if (next === '{') {
      const end = closingBrace(template, dollar + 1);
      if (end < 0) throw invalid(template, dollar, state);
      out += braced(template, dollar, end, state);
      at = end + 1;
    } else {
      const name = matchAt(NAMED, template, dollar + 1);
      out += name === undefined ? '$' : valueOf(name, state);
      at = dollar + 1 + (name?.length ?? 0);
    }
  }
}

function braced(template: string, dollar: number, end: number, state: State): string {
  const start = dollar + 2;
  const name = matchAt(NAMED, template, start);
  if (name === undefined) throw invalid(template, dollar, state);
  const operatorAt = start + name.length;
  if (operatorAt === end) return valueOf(name, state);
  const operator = matchAt(OPERATOR, template, operatorAt);
  const rest = template.slice(operatorAt + (operator?.length ?? 0), end);
  if (operator === undefined || rest.includes('\n')) throw invalid(template, dollar, state);
  const inner = { ...state, offset: state.offset + operatorAt + operator.length, depth: state.depth + 1 };
  const place = { index: state.offset + dollar, length: end + 1 - dollar };
  if (inner.depth > MAX_DEPTH)
    throw new TemplateError('variables are nested too deeply', { ...place, hint: 'set some of them in .env' });
  return substitute({ name, operator, rest, place }, inner);
}

interface Expression {
  readonly name: string;
  readonly operator: string;
  readonly rest: string;
  readonly place: Pick<Fault, 'index' | 'length'>;
}

function substitute({ name, operator, rest, place }: Expression, state: State): string {
  const value = state.lookup(name);
  const given = value !== undefined && !(operator.startsWith(':') && value === '');
  const kind = operator.slice(-1);
  if (given || kind === '+') state.used.push({ name });
  if (kind === '+') return given ? fill(rest, state) : '';
  if (given) return value;
  if (kind === '-') return fallback(name, rest, state);
  const message = fill(rest, state);
  const suffix = message === '' ? '' : `: ${message}`;
  const hint = `set ${name} in .env or in the environment`;
  throw new TemplateError(`required variable ${name} is missing a value${suffix}`, { ...place, hint, name });
}

function fallback(name: string, rest: string, state: State): string {
  const value = fill(rest, state);
  state.used.push({ name, fallback: value });
  return value;
}

function valueOf(name: string, state: State): string {
  const value = state.lookup(name);
  state.used.push({ name });
  if (value === undefined) state.unset.push(name);
  return value ?? '';
}

/**
 * The brace that closes the one at `open`; -1 when none does. As docker compose counts: braces inside count, whether or
 * not a `$` stands before them, the character after an opening one does not, and when none closes it the last of the
 * line does, unless a variable would be torn apart.
 */
export function closingBrace(template: string, open: number): number {
  let depth = 0;
  for (let at = open; at < template.length; at++) {
    if (template[at] === '}' && --depth === 0) return at;
    if (template[at] !== '{') continue;
    depth++;
    at++;
  }
  const line = template.slice(open).split('\n', 1)[0] ?? '';
  const last = line.lastIndexOf('}');
  return last < 0 || isTorn(line.slice(0, last)) ? -1 : open + last;
}

function isTorn(text: string): boolean {
  const dollar = text.lastIndexOf('${');
  return dollar >= 0 && closingBrace(text, dollar + 1) < 0;
}

/** What a sticky pattern matches at a place. */
export function matchAt(pattern: RegExp, template: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(template)?.[0];
}

const tooLong = (template: string, { offset }: State): TemplateError =>
  new TemplateError('the value becomes too long', {
    index: offset,
    length: template.length,
    hint: 'its variables hold one another: write less of them',
  });

function invalid(template: string, dollar: number, state: State): TemplateError {
  const end = closingBrace(template, dollar + 1);
  const shown = template.slice(dollar, end < 0 ? dollar + 40 : end + 1);
  return new TemplateError(`"${shown.replaceAll('\n', '\\n')}" is not a valid variable expression`, {
    index: state.offset + dollar,
    length: shown.length,
    hint: `${advice(template.slice(dollar + 2, end < 0 ? undefined : end), end)}; to write a literal $, double it: $$`,
  });
}

function advice(inside: string, end: number): string {
  if (end < 0) return 'close it with }';
  return matchAt(NAMED, inside, 0) === undefined
    ? 'a name is made of letters, digits and _, and begins with no digit'
    : 'behind the name comes nothing, or one of :- - :? ? :+ +';
}
