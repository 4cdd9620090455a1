// `<<NAME` in a line: which words are heredocs, and what becomes of their text.
import { splitShellWords } from './shell-words.ts';
import type { Heredoc, Instruction } from './types.ts';

/** A heredoc whose body is not read yet. */
export type HeredocMark = Omit<Heredoc, 'content'>;

const MARK = /^\d*<<(-?)([^<]+)$/;

/** The heredocs that a logical line announces, in order. */
export function heredocsOf(line: string): readonly HeredocMark[] {
  if (!line.includes('<<')) return [];
  return splitShellWords(line).flatMap((word) => heredocMark(word) ?? []);
}

/** The heredoc that one word is, quotes as written; undefined when it is none. */
export function heredocMark(word: string): HeredocMark | undefined {
  const match = MARK.exec(word);
  const rest = match?.[2] ?? '';
  if (match === null || rest === '' || splitShellWords(rest).length !== 1) return undefined;
  const name = rest.replace(/\\(.)|["']/g, '$1');
  return { name, expand: !/["']/.test(rest), chomp: match[1] === '-' };
}

/** A heredoc's text as a file gets it: with `<<-` the tabs that begin lines are gone. */
export function heredocText({ content, chomp }: Heredoc): string {
  return chomp ? content.replace(/^\t+/gm, '') : content;
}

/** What RUN is to do when it has heredocs. */
export type RunScript =
  /** Give it to the shell as its one argument. */
  | { readonly kind: 'shell'; readonly text: string }
  /** Make a file of that base name, mode 0755, and run it: the text begins with `#!`. */
  | { readonly kind: 'file'; readonly name: string; readonly text: string };

/** The script of a RUN in shell form: its text, or what its heredocs make of it. */
export function runScript(instruction: Instruction): RunScript {
  const text = instruction.args[0] ?? '';
  const [first] = instruction.heredocs;
  if (first === undefined) return { kind: 'shell', text };
  if (heredocMark(text) === undefined) {
    const bodies = instruction.heredocs.map(({ content, name }) => `\n${content}${name}`);
    return { kind: 'shell', text: `${text}${bodies.join('')}` };
  }
  const body = heredocText(first);
  return body.startsWith('#!') ? { kind: 'file', name: first.name, text: body } : { kind: 'shell', text: body };
}
