// A problem with a place in a file. Printed by the CLI with the source line and a caret.

/** A stretch of one line of a file; line and column count from 1. */
export interface SourceRange {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** In characters, at least 1. */
  readonly length: number;
}

/** A second place that explains the first, for example "overridden here". */
export interface RelatedRange {
  readonly message: string;
  readonly range: SourceRange;
}

/** One problem or warning. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  /** A stable name, for example `compose/unknown-attribute`. */
  readonly code: string;
  /** One line, lower-case start. */
  readonly message: string;
  readonly range?: SourceRange;
  /** The text of the line at `range`, so that a printer needs no file. */
  readonly sourceLine?: string;
  readonly hint?: string;
  readonly related?: readonly RelatedRange[];
}
