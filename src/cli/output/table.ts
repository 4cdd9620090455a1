// Tables as docker prints them: columns as wide as their widest cell, three blanks between, none cut.
import { textWidth } from './width.ts';

/** The look of a table. */
export interface TableShape {
  /** Blanks between columns. Default 3. */
  readonly gap?: number;
  /** The least width of a column, its gap included. Default 0. */
  readonly least?: number;
}

/** Lines of a table, header first, no colours. The last column is not filled up. */
export function formatTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  shape: TableShape = {},
): string {
  const { gap = 3, least = 0 } = shape;
  const all = [header, ...rows];
  const widths = header.map((_, column) =>
    Math.max(least, gap + Math.max(...all.map((row) => textWidth(row[column] ?? '')))),
  );
  return all.map((row) => `${formatRow(row, widths)}\n`).join('');
}

function formatRow(row: readonly string[], widths: readonly number[]): string {
  const last = row.length - 1;
  return row
    .map((cell, column) => (column === last ? cell : cell + ' '.repeat((widths[column] ?? 0) - textWidth(cell))))
    .join('');
}
