// Problems as JSON for editors: one document, places with line and column from 1, ends exclusive.
import type { Diagnostic, SourceRange } from '../../base/diagnostic.ts';
import { isGantryError } from '../../base/error.ts';

/** The document for some problems. */
export function problemsJson(diagnostics: readonly Diagnostic[]): string {
  return `${JSON.stringify({ problems: diagnostics.map(problem) }, undefined, 2)}\n`;
}

/** The problems that an error carries; one of its own when it has no place. Rethrows what is no failure of files. */
export function problemsOf(error: unknown): readonly Diagnostic[] {
  if (!isGantryError(error)) throw error;
  if (error.diagnostics.length > 0) return error.diagnostics;
  const { code, message, hint } = error;
  return [{ severity: 'error', code, message, ...(hint !== undefined && { hint }) }];
}

function problem({ severity, code, message, range, hint, related = [] }: Diagnostic): object {
  return {
    severity,
    code,
    message,
    ...(range && placed(range)),
    ...(hint !== undefined && { hint }),
    related: related.map((one) => ({ message: one.message, ...placed(one.range) })),
  };
}

const placed = ({ file, line, column, length }: SourceRange): object => ({
  file,
  line,
  column,
  endLine: line,
  endColumn: column + length,
});
