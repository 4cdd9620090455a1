// Physical lines to logical ones: the byte order mark, parser directives, comments, continuations, heredoc bodies.
import { GantryError } from '../../../base/error.ts';
import { directiveReader } from './directives.ts';
import { parseError } from './failure.ts';
import { heredocsOf, type HeredocMark } from './heredoc.ts';
import type { Dockerfile, Heredoc } from './types.ts';
import { canHoldHeredoc } from './words.ts';

/** One logical line, continuations joined and comments gone. */
export interface LogicalLine {
  readonly text: string;
  readonly line: number;
  readonly endLine: number;
  readonly heredocs: readonly Heredoc[];
}

/** The most bytes a Dockerfile may have. */
export const MAX_DOCKERFILE = 4 * 1024 * 1024;

/** The logical lines of a file. */
export interface LogicalLines {
  readonly lines: readonly LogicalLine[];
  readonly escape: Dockerfile['escape'];
  readonly warnings: readonly string[];
}

/** Reads them all. Throws engine/invalid-dockerfile: bad directive, heredoc without end, file without instructions. */
export function readLogicalLines(text: string, { name }: { readonly name: string }): LogicalLines {
  if (Buffer.byteLength(text) > MAX_DOCKERFILE)
    throw new GantryError('engine/invalid-dockerfile', `${name} is larger than ${MAX_DOCKERFILE >> 20} MiB`);
  const reader = new LineReader(text);
  const lines: LogicalLine[] = [];
  for (;;) {
    const line = reader.next();
    if (line === undefined) break;
    if (line.text !== '') lines.push(line);
  }
  if (lines.length > 0)
    return { lines, escape: reader.directives.escape(), warnings: [...reader.directives.notes, ...reader.warnings] };
  const what = text.trim() === '' ? `the Dockerfile (${name}) cannot be empty` : 'file with no instructions';
  throw new GantryError('engine/invalid-dockerfile', what, { details: { line: 1 } });
}

const COMMENT = /^[ \t]*#/;
const BLANK = /^[ \t\r]*$/;

class LineReader {
  readonly warnings: string[] = [];
  readonly directives = directiveReader();
  readonly #lines: readonly string[];
  /** Lines taken so far: the number of the last one, from 1. */
  #taken = 0;

  constructor(text: string) {
    const all = text.replace(/^\uFEFF/, '').split('\n');
    if (all.at(-1) === '') all.pop();
    this.#lines = all.map((line) => line.replace(/\r$/, ''));
  }

  /** The next logical line, empty for a comment or a blank one; undefined at the end. */
  next(): LogicalLine | undefined {
    const first = this.#take();
    if (first === undefined) return undefined;
    const line = this.#taken;
    this.directives.read(first, line);
    const text = this.#joined(first.replace(/^[ \t]+/, ''));
    if (BLANK.test(text)) return { text: '', line, endLine: this.#taken, heredocs: [] };
    const heredocs = canHoldHeredoc(text) ? heredocsOf(text).map((mark) => this.#body(mark, line)) : [];
    return { text: text.trim(), line, endLine: this.#taken, heredocs };
  }

  #take(): string | undefined {
    const line = this.#lines[this.#taken];
    if (line !== undefined) this.#taken += 1;
    return line;
  }

  /** A line and what it is continued with; comments between are left out, so are blank lines, with a warning. */
  #joined(first: string): string {
    if (COMMENT.test(first)) return '';
    const parts: string[] = [];
    let hasBlank = false;
    let piece = this.#unfinished(first);
    while (piece.open) {
      parts.push(piece.text);
      const next = this.#nextPiece();
      if (next === undefined) return this.#warned(parts.join(''), hasBlank);
      hasBlank ||= next.skippedBlank;
      piece = this.#unfinished(next.text);
    }
    parts.push(piece.text);
    return this.#warned(parts.join(''), hasBlank);
  }

  #nextPiece(): { text: string; skippedBlank: boolean } | undefined {
    let skippedBlank = false;
    for (;;) {
      const text = this.#take();
      if (text === undefined) return undefined;
      if (COMMENT.test(text)) continue;
      if (!BLANK.test(text)) return { text, skippedBlank };
      skippedBlank = true;
    }
  }

  #warned(text: string, hasBlank: boolean): string {
    if (hasBlank) this.warnings.push(`Empty continuation line found in: ${text}`);
    return text;
  }

  /** A line ends in an odd escape character: it goes on. Blanks after it do not matter. */
  #unfinished(line: string): { text: string; open: boolean } {
    const escape = this.directives.escape();
    const trimmed = line.replace(/[ \t]+$/, '');
    if (!trimmed.endsWith(escape) || trimmed.at(-2) === escape) return { text: line, open: false };
    return { text: trimmed.slice(0, -1), open: true };
  }

  #body(mark: HeredocMark, line: number): Heredoc {
    const content: string[] = [];
    for (;;) {
      const text = this.#take();
      if (text === undefined) throw parseError(line, 'unterminated heredoc', `end it with a line "${mark.name}"`);
      if ((mark.chomp ? text.replace(/^\t+/, '') : text) === mark.name) return { ...mark, content: content.join('') };
      content.push(`${text}\n`);
    }
  }
}
