// Prints problems that have a place in a file: where, the line itself, a caret, and what would mend it.
import type { Diagnostic, SourceRange } from '../../base/diagnostic.ts';
import { COLOR, paintIf } from './ansi.ts';

/** The text of some diagnostics, each with its source line, a blank line between. */
export function formatDiagnostics(diagnostics: readonly Diagnostic[], color: boolean): string {
  return diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, color)).join('\n');
}

function formatDiagnostic(diagnostic: Diagnostic, color: boolean): string {
  const paint = paintIf(color, diagnostic.severity === 'error' ? COLOR.red : COLOR.yellow);
  const where = diagnostic.range === undefined ? '' : `${place(diagnostic.range)}: `;
  const lines = [`${where}${paint(diagnostic.severity)}: ${diagnostic.message} [${diagnostic.code}]`];
  if (diagnostic.range !== undefined && diagnostic.sourceLine !== undefined) {
    lines.push(...excerpt(diagnostic.range, diagnostic.sourceLine, paint));
  }
  for (const related of diagnostic.related ?? []) lines.push(`  ${place(related.range)}: ${related.message}`);
  if (diagnostic.hint !== undefined) lines.push(`  hint: ${diagnostic.hint.replaceAll('\n', '\n    ')}`);
  return `${lines.join('\n')}\n`;
}

const place = (range: SourceRange): string => `${range.file}:${range.line}:${range.column}`;

/** The longest part of a line that is shown. */
const MAX_LINE = 160;

function excerpt(range: SourceRange, line: string, paint: (text: string) => string): readonly string[] {
  const from = range.column > MAX_LINE ? range.column - 40 : 0;
  const shown = line.slice(from, from + MAX_LINE).replaceAll('\t', ' ');
  const number = String(range.line);
  const caret = '^'.repeat(Math.max(1, Math.min(range.length, shown.length - (range.column - 1 - from))));
  return [
    `  ${number} | ${shown}`,
    `  ${' '.repeat(number.length)} | ${' '.repeat(Math.max(0, range.column - 1 - from))}${paint(caret)}`,
  ];
}
