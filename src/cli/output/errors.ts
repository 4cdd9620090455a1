// Prints what went wrong: one line with the program's name, then places, last words of a container, and the hint.
// Only a programmer's mistake shows a stack.
import { isGantryError, messageOf, type GantryError } from '../../base/error.ts';
import { CODES } from '../../base/codes.ts';
import { formatDiagnostics } from './diagnostics.ts';

/** How an error is printed. */
export interface ErrorStyle {
  readonly color: boolean;
  /** Begins what the engine answered with Docker's words, which scripts look for. */
  readonly fromDaemon?: boolean;
}

/** The text for an error, with its newline. */
export function formatError(error: unknown, { color, fromDaemon = false }: ErrorStyle): string {
  if (!isGantryError(error))
    return `gantry: internal error: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}\n`;
  const problems = error.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  // the diagnostics say it all: a headline above them would only repeat the first
  const head = problems.length > 0 ? formatDiagnostics(problems, color) : '';
  const words = fromDaemon && error.details['statusCode'] !== undefined ? 'Error response from daemon: ' : '';
  const line = problems.length > 0 ? '' : `gantry: ${words}${error.message}\n`;
  return `${head}${line}${lastLines(error)}${skipped(error)}${hint(error, problems.length > 0)}`;
}

/** The exit code that an error gives the process. */
export function exitCodeOf(error: unknown): number {
  if (!isGantryError(error)) return 1;
  const own = error.details['exitCode'];
  return typeof own === 'number' ? own : CODES[error.code].exit;
}

function lastLines(error: GantryError): string {
  const lines = textList(error.details['lastLines']);
  return lines.length === 0 ? '' : `its last lines:\n${lines.map((line) => `  | ${line}\n`).join('')}`;
}

function skipped(error: GantryError): string {
  const names = textList(error.details['skipped']);
  return names.length === 0 ? '' : `skipped because of this: ${names.join(', ')}\n`;
}

function hint(error: GantryError, hasProblems: boolean): string {
  return error.hint === undefined || hasProblems ? '' : `hint: ${error.hint}\n`;
}

function textList(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
