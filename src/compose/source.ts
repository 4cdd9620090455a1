// A text that was read and places in it. Lines and columns are worked out only when a diagnostic needs them.
import type { SourceRange } from '../base/diagnostic.ts';

/** A file (or other text) by the name it is shown with. */
export interface Source {
  /** Absolute path, or a word such as "<stdin>". */
  readonly path: string;
  readonly text: string;
}

/** A stretch of a source, as offsets, and how what stands there came to its place in the model. */
export interface Origin {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
  /** Variables that were filled into the text. */
  readonly filled?: readonly UsedVariable[];
  /** Nothing says it: it follows from what stands there. */
  readonly implied?: true;
  /** What brought the value here, the innermost first; absent when it is written where it is used. */
  readonly through?: readonly Passage[];
}

/** A variable that went into a text. */
export interface UsedVariable {
  readonly name: string;
  /** Absent when it has none. */
  readonly value?: string;
  /** `default`: the expression's own; `project`: its name. */
  readonly from: 'environment' | 'file' | 'default' | 'project' | 'unset';
  /** Where a file sets it. */
  readonly origin?: Origin;
}

/** A line that brings values from elsewhere. */
export interface Passage {
  readonly by: 'alias' | 'merge key' | 'extends' | 'include' | 'env_file' | 'label_file';
  readonly origin: Origin;
}

/** The place with a further passage. */
export const passed = (origin: Origin, by: Passage['by'], at: Origin): Origin => ({
  ...origin,
  through: [...(origin.through ?? []), { by, origin: at }],
});

/** The place of something that is not written, but follows from what is. */
export const impliedBy = ({ source, start, end, through }: Origin): Origin => ({
  source,
  start,
  end,
  implied: true,
  ...(through && { through }),
});

/** True for the same stretch of the same text. */
export const isSamePlace = (a: Origin, b: Origin): boolean =>
  a.source.path === b.source.path && a.start === b.start && a.end === b.end;

const MAX_SHOWN_LINE = 400;

/** Line, column and length of an origin; one that spans lines is cut at the end of its first. */
export function rangeOf(origin: Origin): SourceRange {
  const { text, path } = origin.source;
  const start = Math.min(origin.start, text.length);
  const lineStart = start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1;
  const length = Math.max(1, Math.min(origin.end, lineEnd(text, start)) - start);
  return { file: path, line: countLines(text, lineStart), column: start - lineStart + 1, length };
}

/** The text of the line an origin begins on; a very long line is cut. */
export function sourceLine(origin: Origin): string {
  const { text } = origin.source;
  const start = Math.min(origin.start, text.length);
  const lineStart = start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1;
  return text.slice(lineStart, Math.min(lineEnd(text, start), lineStart + MAX_SHOWN_LINE));
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  const end = at < 0 ? text.length : at;
  return end > from && text[end - 1] === '\r' ? end - 1 : end;
}

function countLines(text: string, upTo: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < upTo; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
