// Turns the problems of a load into the one error that is thrown.
import type { ErrorCode } from '../base/codes.ts';
import type { Diagnostic } from '../base/diagnostic.ts';
import { GantryError } from '../base/error.ts';
import type { Problems } from './problems.ts';

/** Problems that have a code of their own when they are the only kind. */
const OWN_CODES: ReadonlySet<string> = new Set<ErrorCode>([
  'compose/dependency-cycle',
  'compose/interpolation',
  'compose/file-not-found',
  'compose/unknown-service',
]);

/** Throws when there is an error among the problems. */
export function throwProblems(problems: Problems): void {
  if (problems.hasErrors()) throw failure(problems.all());
}

function failure(diagnostics: readonly Diagnostic[]): GantryError {
  const errors = diagnostics.filter((one) => one.severity === 'error');
  const [first] = errors;
  const codes = new Set(errors.map((one) => one.code));
  const only = codes.size === 1 && first ? first.code : '';
  const code = OWN_CODES.has(only) ? (only as ErrorCode) : 'compose/invalid-file';
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : '';
  const message = `${placeOf(first)}${first?.message ?? 'the files are not valid'}${more}`;
  return new GantryError(code, message, { diagnostics, ...(first?.hint !== undefined && { hint: first.hint }) });
}

function placeOf(diagnostic: Diagnostic | undefined): string {
  const range = diagnostic?.range;
  return range ? `${range.file}:${range.line}:${range.column}: ` : '';
}
