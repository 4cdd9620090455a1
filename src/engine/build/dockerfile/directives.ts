// Parser directives: `# escape=`, `# syntax=`, `# check=` in the first lines, before anything else.
import { parseError } from './failure.ts';
import type { Dockerfile } from './types.ts';

const DIRECTIVE = /^#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(.+?)\s*$/;
/** syntax names another front end and check configures a linter: neither is there, both may be written. */
const KNOWN = new Set(['escape', 'syntax', 'check']);

/** Is shown every first line of a logical line, and knows the escape character so far. */
export interface DirectiveReader {
  readonly read: (line: string, number: number) => void;
  readonly escape: () => Dockerfile['escape'];
  /** What is to be told about directives that change nothing. */
  readonly notes: readonly string[];
}

/** A reader at the top of a file. `read` throws engine/invalid-dockerfile for a bad or doubled directive. */
export function directiveReader(): DirectiveReader {
  const seen = new Set<string>();
  const notes: string[] = [];
  let isOver = false;
  let escape: Dockerfile['escape'] = '\\';
  const read = (line: string, number: number): void => {
    const match = isOver ? null : DIRECTIVE.exec(line.trimStart());
    const name = match?.[1]?.toLowerCase() ?? '';
    // a comment that is no directive ends them
    if (match === null) isOver = true;
    if (!KNOWN.has(name)) return;
    if (seen.has(name)) throw parseError(number, `only one ${name} parser directive can be used`);
    seen.add(name);
    if (name === 'syntax') notes.push(`"${line.trim()}" changes nothing: this builder knows one Dockerfile language`);
    if (name === 'escape') escape = escapeOf(match?.[2] ?? '', number);
  };
  return { read, escape: () => escape, notes };
}

function escapeOf(value: string, line: number): Dockerfile['escape'] {
  if (value === '\\' || value === '`') return value;
  throw parseError(line, `invalid escape token '${value}' does not match \` or \\`);
}
