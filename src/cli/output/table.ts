// Tables as docker prints them: columns as wide as their widest cell, three blanks between, none cut.
import stringWidth from 'string-width';

/** Lines of a table, header first, no colours. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[], gap = 3): string {
  const all = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...all.map((row) => width(row[column] ?? ''))));
  return all.map((row) => `${formatRow(row, widths, gap)}\n`).join('');
}

/** The last cell is padded, too, as docker's tab writer does, except in its width. */
function formatRow(row: readonly string[], widths: readonly number[], gap: number): string {
  return row
    .map((cell, column) =>
      column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - width(cell) + gap),
    )
    .join('');
}

/** Columns a text takes; plain ASCII is not worth the work. */
function width(text: string): number {
  return /^[\u0020-\u007e]*$/.test(text) ? text.length : stringWidth(text);
}
