// Collects everything wrong or doubtful about a set of files, each once, so that one run shows all of it.
import type { Diagnostic } from '../base/diagnostic.ts';
import type { Origin, UsedVariable } from './source.ts';
import { rangeOf, sourceLine } from './source.ts';

/** What a problem may say beside its message. */
export interface ProblemExtra {
  readonly hint?: string;
  readonly related?: readonly { readonly message: string; readonly origin: Origin }[];
}

/** The problems found so far. */
export interface Problems {
  error(code: string, message: string, origin?: Origin, extra?: ProblemExtra): void;
  warn(code: string, message: string, origin?: Origin, extra?: ProblemExtra): void;
  hasErrors(): boolean;
  /** True when no more are taken: what it costs to word one can be spared. */
  isFull(): boolean;
  /** In the order of files and lines. */
  all(): readonly Diagnostic[];
}

const MAX_PROBLEMS = 500;
/** Characters of a message or hint, and places beside the first. */
const MAX_TEXT = 500;
const MAX_RELATED = 20;

/** What else is wrong at the place of one of these follows from it. */
const SETTLING: ReadonlySet<string> = new Set(['compose/yaml-syntax', 'compose/cannot-override']);

/** An empty collection. */
export function createProblems(): Problems {
  const found = new Map<string, Diagnostic>();
  /** Places of which all is said. */
  const settled = new Set<string>();
  let errors = 0;
  let warnings = 0;
  const add = (severity: 'error' | 'warning', code: string, text: string, at: Place): void => {
    const message = shortened(text).replaceAll('\n', '\\n'); // values are quoted in messages, and a message is one line
    const place = `${at.origin?.source.path ?? ''}\0${at.origin?.start ?? ''}`;
    const key = `${code}\0${message}\0${place}`;
    if (severity === 'error') errors++;
    if (found.has(key) || found.size >= MAX_PROBLEMS || settled.has(place)) return;
    if (severity === 'warning' && ++warnings > MAX_PROBLEMS / 2) return; // errors must find room
    if (SETTLING.has(code)) settled.add(place);
    found.set(key, diagnostic(severity, code, message, at));
  };
  return {
    error: (code, message, origin, extra) => add('error', code, message, { origin, extra }),
    warn: (code, message, origin, extra) => add('warning', code, message, { origin, extra }),
    hasErrors: () => errors > 0,
    isFull: () => errors > 0 && found.size >= MAX_PROBLEMS,
    all: () => [...found.values()].sort(byPlace),
  };
}

interface Place {
  readonly origin: Origin | undefined;
  readonly extra: ProblemExtra | undefined;
}

function diagnostic(severity: Diagnostic['severity'], code: string, message: string, at: Place): Diagnostic {
  const variables = severity === 'error' && code !== 'compose/interpolation' ? (at.origin?.filled ?? []) : [];
  const places = [...(at.extra?.related ?? []), ...variables.flatMap(settingOf)];
  const related = places.slice(0, MAX_RELATED).map((one) => ({ message: one.message, range: rangeOf(one.origin) }));
  const hint = [at.extra?.hint, ...variables.flatMap(remarkOf)].filter((one) => one !== undefined).join('; ');
  return {
    severity,
    code,
    message,
    ...(at.origin && { range: rangeOf(at.origin), sourceLine: sourceLine(at.origin) }),
    ...(hint !== '' && { hint: shortened(hint) }),
    ...(related.length > 0 && { related }),
  };
}

const shortened = (text: string): string => (text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`);

/** The line that sets a variable of a wrong value. */
const settingOf = ({ name, origin }: UsedVariable): readonly { message: string; origin: Origin }[] =>
  origin ? [{ message: `${name} is set here`, origin }] : [];

/** Where a variable of a wrong value comes from, when that is no line. */
function remarkOf({ name, from }: UsedVariable): readonly string[] {
  if (from === 'unset') return [`${name} is not set`];
  return from === 'environment' ? [`${name} comes from the environment`] : [];
}

/** Keeps the order in which files were first mentioned; inside a file by line and column. */
function byPlace(a: Diagnostic, b: Diagnostic): number {
  if (!a.range || !b.range || a.range.file !== b.range.file) return 0;
  return a.range.line - b.range.line || a.range.column - b.range.column;
}
