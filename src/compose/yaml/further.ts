// What else is wrong with the syntax of a text that could not be read to its end. Our own reader takes and refuses what docker
// compose's does, to the letter, and like that one it stops at the first fault; the package yaml reads on behind it.
import { parseAllDocuments, type YAMLParseError } from 'yaml';
import type { Problems } from '../problems.ts';
import type { Source } from '../source.ts';
import { YamlError } from './cursor.ts';
import { lineAt } from './lines.ts';
import { reportSyntax, type Stop } from './parse.ts';

/** Longer ones are not read twice. */
const MAX_LENGTH = 1_000_000;
const MAX_FAULTS = 20;

/** Reports the faults on the lines behind the one where reading stopped. */
export function tellFurther(source: Source, stop: Stop, problems: Problems): void {
  const { text } = source;
  if (stop.isOpen || text.length > MAX_LENGTH) return;
  const { end } = lineAt(text, stop.at);
  const documents = parseAllDocuments(text, { prettyErrors: false, uniqueKeys: false, logLevel: 'silent' });
  const faults = [documents].flat().flatMap(({ errors = [] }) => errors);
  for (const fault of faults.filter(({ pos: [at] }) => at > end).slice(0, MAX_FAULTS)) {
    const error = inOurWords(fault, text);
    if (error !== undefined) reportSyntax(error, source, problems);
  }
}

/** What no reader takes, whatever stands before it; the package's other faults may follow from the first one. */
function inOurWords({ code, pos: [at] }: Pick<YAMLParseError, 'code' | 'pos'>, text: string): YamlError | undefined {
  switch (code) {
    case 'TAB_AS_INDENT':
      return new YamlError('tabs cannot indent a line', at);
    case 'BAD_SCALAR_START':
      return new YamlError(`a text cannot begin with ${text[at] ?? ''} without quotes`, at);
    case 'BLOCK_AS_IMPLICIT_KEY':
      return new YamlError('a value behind ": " cannot stand here', lineAt(text, at).end);
    case 'BAD_DQ_ESCAPE':
      return new YamlError(`${text.slice(at, at + 2)} is no escape sequence`, at);
    default:
      return undefined;
  }
}
