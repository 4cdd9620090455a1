// Lines of a text around a place, as offsets: for messages about indentation.

/** A part of a text, as offsets. */
export interface Stretch {
  readonly start: number;
  readonly end: number;
}

/** The line a place is on, without its end. */
export function lineAt(text: string, at: number): Stretch {
  const start = at <= 0 ? 0 : text.lastIndexOf('\n', at - 1) + 1;
  const found = text.indexOf('\n', start);
  return { start, end: found < 0 ? text.length : found };
}

/** The same without blanks on both sides. */
export function trimmedAt(text: string, at: number): Stretch {
  const { start, end } = lineAt(text, at);
  const line = text.slice(start, end);
  const trimmed = line.trim();
  const from = start + line.length - line.trimStart().length;
  return { start: from, end: from + Math.max(1, trimmed.length) };
}

/** The nearest line above that is neither empty nor a comment, trimmed. */
export function lineAbove(text: string, at: number): Stretch {
  let { start } = lineAt(text, at);
  while (start > 0) {
    const above = trimmedAt(text, start - 1);
    if (!/^(?:#|$)/.test(text.slice(above.start, above.end).trim())) return above;
    start = lineAt(text, start - 1).start;
  }
  return { start: 0, end: 0 };
}

/** Columns by which the line of a place is indented. */
export const indentAt = (text: string, at: number): number => trimmedAt(text, at).start - lineAt(text, at).start;

/** The indentations that a line may have by the lines above it, smallest first. */
export function levelsAbove(text: string, at: number): readonly number[] {
  const levels: number[] = [];
  for (let above = lineAbove(text, at); above.end > 0; above = lineAbove(text, above.start)) {
    const indent = indentAt(text, above.start);
    if (levels[0] === undefined || indent < levels[0]) levels.unshift(indent);
    if (indent === 0) break;
  }
  return levels;
}

/** A value in quotes that need no escape where that is possible. */
export function quoted(value: string): string {
  return /["\\]/.test(value) && !value.includes("'") ? `'${value}'` : JSON.stringify(value);
}
