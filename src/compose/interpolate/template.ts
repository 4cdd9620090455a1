// The variable grammar of compose files and .env files: $NAME, ${NAME}, ${NAME:-default} and its kin, nested and
// lazy: a branch that is not taken neither warns nor fails.

/** Looks a variable up; undefined when it is not set. */
export type Lookup = (name: string) => string | undefined;

/** The result of filling a text in. */
export interface Filled {
  readonly value: string;
  /** Variables that had no value and no default. */
  readonly unset: readonly string[];
}

/** Why a text could not be filled in. `index` is where in the text. */
export class TemplateError extends Error {
  readonly kind: 'syntax' | 'required';
  readonly index: number;
  constructor(kind: 'syntax' | 'required', message: string, index: number) {
    super(message);
    this.kind = kind;
    this.index = index;
  }
}

const MAX_DEPTH = 100;
/** A name at a place. */
export const NAMED = /[_a-zA-Z][_a-zA-Z0-9]*/y;
/** An operator behind a name. */
export const OPERATOR = /:?[-?+]/y;

/** Fills in the variables of a text. Throws TemplateError. */
export function fillTemplate(template: string, lookup: Lookup): Filled {
  if (!template.includes('$')) return { value: template, unset: [] };
  const unset: string[] = [];
  const value = fill(template, { lookup, unset, offset: 0, depth: 0 });
  return { value, unset };
}

interface State {
  readonly lookup: Lookup;
  readonly unset: string[];
  /** Where the text stands in the whole. */
  readonly offset: number;
  readonly depth: number;
}

function fill(template: string, state: State): string {
  let out = '';
  let at = 0;
  for (;;) {
    const dollar = template.indexOf('$', at);
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
  if (inner.depth > MAX_DEPTH)
    throw new TemplateError('syntax', 'variables are nested too deeply', state.offset + dollar);
  return substitute(name, operator, rest, inner);
}

function substitute(name: string, operator: string, rest: string, state: State): string {
  const value = state.lookup(name);
  const given = value !== undefined && !(operator.startsWith(':') && value === '');
  const kind = operator.slice(-1);
  if (kind === '+') return given ? fill(rest, state) : '';
  if (given) return value;
  if (kind === '-') return fill(rest, state);
  const message = fill(rest, state);
  const suffix = message === '' ? '' : `: ${message}`;
  throw new TemplateError('required', `required variable ${name} is missing a value${suffix}`, state.offset);
}

function valueOf(name: string, state: State): string {
  const value = state.lookup(name);
  if (value === undefined) state.unset.push(name);
  return value ?? '';
}

/** The brace that closes the one at `open`: braces inside count, whether or not a `$` stands before them. */
export function closingBrace(template: string, open: number): number {
  let depth = 0;
  for (let at = open; at < template.length; at++) {
    if (template[at] === '{') depth++;
    else if (template[at] === '}' && --depth === 0) return at;
  }
  return -1;
}

/** What a sticky pattern matches at a place. */
export function matchAt(pattern: RegExp, template: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(template)?.[0];
}

function invalid(template: string, dollar: number, state: State): TemplateError {
  const end = closingBrace(template, dollar + 1);
  const shown = template.slice(dollar, end < 0 ? dollar + 40 : end + 1);
  return new TemplateError(
    'syntax',
    `"${shown.replaceAll('\n', '\\n')}" is not a valid variable expression`,
    state.offset + dollar,
  );
}
