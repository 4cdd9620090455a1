// YAML text to trees, one for each document: aliases and merge keys followed, scalars typed as go-yaml types them.
// Whatever is wrong with the YAML itself is reported here; what the values mean is not known here.
import { parseAllDocuments, type Document } from 'yaml';
import { messageOf } from '../../base/error.ts';
import type { Problems } from '../problems.ts';
import type { Source } from '../source.ts';
import type { Tree } from '../tree.ts';
import { convertDocument, type NodeLimits } from './convert.ts';

const LIMITS: NodeLimits = { nodes: 2_000_000, depth: 500 };

/** The documents of a source. Empty ones are left out. What could not be read is reported and missing. */
export function parseYaml(source: Source, problems: Problems): readonly Tree[] {
  const documents = parseDocuments(source, problems);
  const trees: Tree[] = [];
  for (const document of documents) {
    if (!document.contents || reportErrors(document, source, problems)) continue;
    const tree = convertDocument(document.contents, { source, problems, limits: LIMITS });
    if (tree) trees.push(tree);
  }
  return trees;
}

type Parsed = Document.Parsed;

/** About as many values as 10,000 services have; beyond, parsing takes minutes and gigabytes. */
const MAX_MARKS = 500_000;

function parseDocuments(source: Source, problems: Problems): readonly Parsed[] {
  if (countMarks(source.text) > MAX_MARKS) {
    const message = `the file holds more than ${MAX_MARKS} values`;
    problems.error('compose/too-complex', message, { source, start: 0, end: 1 }, { hint: 'split the project' });
    return [];
  }
  const options = { schema: 'failsafe', version: '1.2', uniqueKeys: false, prettyErrors: false } as const;
  try {
    const parsed = parseAllDocuments(source.text, { ...options, logLevel: 'silent', merge: false });
    return 'empty' in parsed ? [] : parsed;
  } catch (error) {
    // the parser recurses into collections: a stack overflow is its only failure
    if (!(error instanceof RangeError)) throw error;
    const origin = { source, start: 0, end: 1 };
    problems.error('compose/too-complex', `the YAML is nested too deeply (${messageOf(error)})`, origin);
    return [];
  }
}

/** Commas, colons and line ends: an upper bound of values that costs next to nothing. */
function countMarks(text: string): number {
  if (text.length <= MAX_MARKS) return 0;
  let marks = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x2c || code === 0x3a || code === 0x0a) marks++;
  }
  return marks;
}

/** True when the document has errors. Only the first is reported: the others are mostly what follows from it. */
function reportErrors(document: Parsed, source: Source, problems: Problems): boolean {
  const [first] = document.errors;
  if (!first) return false;
  const origin = { source, start: first.pos[0], end: Math.max(first.pos[1], first.pos[0] + 1) };
  if (first.message.includes('call stack')) {
    problems.error('compose/too-complex', 'the YAML is nested too deeply', origin);
    return true;
  }
  const hint = isInVariable(source.text, origin.start) ? VARIABLE_HINT : HINTS[first.code];
  problems.error('compose/yaml-syntax', lowerFirst(first.message), origin, hint === undefined ? {} : { hint });
  return true;
}

const VARIABLE_HINT = 'inside { } and [ ] a variable expression needs quotes: "${NAME:-value}"';

/** True just behind the `$` of an unquoted `${`. */
const isInVariable = (text: string, at: number): boolean => text[at] === '{' && text[at - 1] === '$';

const HINTS: Readonly<Record<string, string>> = {
  TAB_AS_INDENT: 'indent with spaces',
  BAD_INDENT: 'align the line with its neighbours of the same level',
  MISSING_CHAR: 'add the missing character, or quote the value',
  BLOCK_AS_IMPLICIT_KEY: 'a value that contains ": " needs quotes',
  BAD_SCALAR_START: 'quote the value',
};

const lowerFirst = (text: string): string => text.slice(0, 1).toLowerCase() + text.slice(1);
