// Lists as Docker prints them: a table, a table of one's own (`table {{.ID}}\t{{.Names}}`), JSON lines or a Go template.
import { readTemplate } from '../template/template.ts';
import { jsonOf } from '../template/values.ts';
import { textWidth } from './width.ts';

/** A row: texts by the names that templates use; a function is a method such as `{{.Label "x"}}`. */
export type FormatRow = Readonly<Record<string, unknown>>;

/** What a list is made of. */
export interface FormatList {
  readonly rows: readonly FormatRow[];
  /** Headings by name, for tables; a function as a method gives the heading for its argument. */
  readonly headings: FormatRow;
  /** The template of the usual table, without the word `table`. */
  readonly table: string;
  /** `--format` as given. */
  readonly format: string | undefined;
}

/** All lines, each with its end. Throws usage/invalid-template and usage/invalid-flag. */
export function formatList({ rows, headings, table, format = '' }: FormatList): string {
  if (format === 'json') return rows.map((row) => `${jsonOf(new Map(Object.entries(withoutMethods(row))))}\n`).join('');
  const isTable = format === '' || format === 'table' || format.startsWith('table ');
  const own = isTable ? format.slice('table'.length).trim() : format;
  const template = readTemplate(unescape(own === '' ? table : own));
  const lines = rows.map((row) => template.run(row));
  if (!isTable) return lines.map((line) => `${line}\n`).join('');
  return alignTabs([template.runHeader(new Map(Object.entries(headings))), ...lines]);
}

/** A heading made of a label's name, as Docker makes it: `com.example.my-name` is `my name`. */
export function labelHeading(name: unknown): string {
  return (String(name).split('.').at(-1) ?? '').replaceAll(/[-_]/g, ' ');
}

const unescape = (text: string): string => text.replaceAll('\\t', '\t').replaceAll('\\n', '\n');

function withoutMethods(row: FormatRow): FormatRow {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => typeof value !== 'function'));
}

/** The gap after a column: Docker's. */
const GAP = 3;

/** Aligns what tabs divide, in columns of at least `least`; what follows the last tab is not filled up. */
export function alignTabs(lines: readonly string[], least = 10): string {
  const cells = lines.map((line) => line.split('\t'));
  const count = Math.max(0, ...cells.map((row) => row.length - 1));
  const widths = Array.from({ length: count }, (_, column) =>
    Math.max(least, ...cells.filter((row) => column < row.length - 1).map((row) => GAP + textWidth(row[column] ?? ''))),
  );
  const lineOf = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - textWidth(cell)),
      )
      .join('');
  return cells.map((row) => `${lineOf(row)}\n`).join('');
}
