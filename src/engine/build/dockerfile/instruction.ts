// A logical line as an instruction: how each keyword's arguments are written. Counting them is `check.ts`'s.
import { nearest } from '../../../base/did-you-mean.ts';
import { parseError } from './failure.ts';
import { readFlags } from './flags.ts';
import type { LogicalLine } from './lines.ts';
import { splitShellWords } from './shell-words.ts';
import { KEYWORDS, type Dockerfile, type Instruction, type Keyword } from './types.ts';
import { plainWords, splitLine, splitOnce } from './words.ts';

/** Throws engine/invalid-dockerfile: unknown instruction, arguments that cannot be read. */
export function instructionOf(line: LogicalLine, escape: Dockerfile['escape']): Instruction {
  const { keyword: written, flags, rest } = splitLine(line.text);
  const keyword = keywordOf(written, line.line);
  const place = { line: line.line, endLine: line.endLine, heredocs: line.heredocs, original: line.text };
  const source: Source = { keyword, rest, escape, line: line.line };
  const head = { keyword, flags: readFlags(keyword, flags, line.line), ...place };
  if (keyword !== 'ONBUILD' || rest === '') return { ...head, ...FORMS[keyword](source) };
  const onbuild = instructionOf({ ...line, text: rest }, escape);
  return { ...head, form: 'text', args: [rest], onbuild };
}

interface Source {
  readonly keyword: Keyword;
  readonly rest: string;
  readonly escape: Dockerfile['escape'];
  readonly line: number;
}

type Arguments = Pick<Instruction, 'form' | 'args'>;
type ReadArguments = (source: Source) => Arguments;

const text: ReadArguments = ({ rest }) => ({ form: 'text', args: rest === '' ? [] : [rest] });
const words: ReadArguments = ({ rest }) => ({ form: 'words', args: plainWords(rest) });
const jsonOr =
  (otherwise: ReadArguments): ReadArguments =>
  (source) => {
    const args = jsonStrings(source);
    return args === undefined ? otherwise(source) : { form: 'json', args };
  };

const FORMS: Readonly<Record<Keyword, ReadArguments>> = {
  ADD: jsonOr(words),
  ARG: ({ rest, escape }) => ({ form: 'words', args: splitShellWords(rest, escape) }),
  CMD: jsonOr(text),
  COPY: jsonOr(words),
  ENTRYPOINT: jsonOr(text),
  ENV: pairs,
  EXPOSE: words,
  FROM: words,
  HEALTHCHECK: health,
  LABEL: pairs,
  MAINTAINER: text,
  ONBUILD: text,
  RUN: jsonOr(text),
  SHELL: jsonOr(text),
  STOPSIGNAL: text,
  USER: text,
  VOLUME: jsonOr(words),
  WORKDIR: text,
};

/** `NAME value with blanks`, or `NAME=value NAME=value`: names and values in turn. */
function pairs({ keyword, rest, escape, line }: Source): Arguments {
  const all = splitShellWords(rest, escape);
  const [first] = all;
  if (first === undefined) return { form: 'words', args: [] };
  if (!first.includes('=')) {
    const pair = splitOnce(rest);
    if (pair === undefined) throw parseError(line, `${keyword} must have two arguments`);
    return { form: 'words', args: pair };
  }
  return { form: 'words', args: all.flatMap((word) => pairOf(word, line)) };
}

function pairOf(word: string, line: number): readonly [string, string] {
  const at = word.indexOf('=');
  if (at >= 0) return [word.slice(0, at), word.slice(at + 1)];
  const message = `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`;
  throw parseError(line, message);
}

function health(source: Source): Arguments {
  if (source.rest === '') return { form: 'text', args: [] };
  const type = /^\S+/.exec(source.rest)?.[0] ?? '';
  const command = jsonOr(text)({ ...source, rest: source.rest.slice(type.length).trimStart() });
  return { form: command.form, args: [type, ...command.args] };
}

/** The strings of a JSON array; undefined when the text is no JSON array: then it is a shell's text. */
function jsonStrings({ rest, line }: Source): readonly string[] | undefined {
  if (!rest.startsWith('[')) return undefined;
  let values: unknown;
  try {
    values = JSON.parse(rest);
  } catch (error) {
    // `[ -f x ]` is a command, no array
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!Array.isArray(values)) return undefined;
  if (values.every((value) => typeof value === 'string')) return values;
  throw parseError(line, 'when using JSON array syntax, arrays must be comprised of strings only');
}

function keywordOf(written: string, line: number): Keyword {
  const upper = written.toUpperCase();
  const found = KEYWORDS.find((keyword) => keyword === upper);
  if (found !== undefined) return found;
  const near = nearest(upper, KEYWORDS);
  throw parseError(line, `unknown instruction: ${written}${near === undefined ? '' : ` (did you mean ${near}?)`}`);
}
