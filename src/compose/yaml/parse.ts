// YAML text to trees, one for each document: aliases and merge keys followed, scalars typed as go-yaml types them.
// Whatever is wrong with the YAML itself is reported here; what the values mean is not known here.
import type { Problems } from '../problems.ts';
import type { Origin, Source } from '../source.ts';
import type { Tree } from '../tree.ts';
import { convertDocument, type Anchors, type NodeLimits } from './convert.ts';
import { YamlError } from './cursor.ts';
import type { YamlNode } from './nodes.ts';
import { readDocuments, TooDeep } from './read-nodes.ts';
import { tellSyntax } from './syntax.ts';

const LIMITS: NodeLimits = { nodes: 2_000_000, depth: 500 };

/** Where reading stopped. */
export interface Stop {
  readonly at: number;
  /** Something opens there and is not closed: whatever follows is read as what it is not. */
  readonly isOpen: boolean;
}

/** The documents of a source; none when it is empty. What could not be read is reported and missing. */
export function parseYaml(source: Source, problems: Problems, onStop?: (stop: Stop) => void): readonly Tree[] {
  const trees: Tree[] = [];
  const anchors: Anchors = new Map();
  for (const document of parseDocuments(source, problems, onStop)) {
    const tree = convertDocument(document, { source, problems, anchors, limits: LIMITS });
    if (tree) trees.push(tree);
  }
  return trees;
}

/** About as many values as 10,000 services have; beyond, parsing takes minutes and gigabytes. */
const MAX_MARKS = 500_000;

function parseDocuments(source: Source, problems: Problems, onStop?: (stop: Stop) => void): readonly YamlNode[] {
  if (countMarks(source.text) > MAX_MARKS) {
    const message = `the file holds more than ${MAX_MARKS} values`;
    problems.error('compose/too-complex', message, { source, start: 0, end: 1 }, { hint: 'split the project' });
    return [];
  }
  try {
    const documents = readDocuments(source.text);
    if (documents.length <= MAX_DOCUMENTS) return documents;
    const message = `the file holds more than ${MAX_DOCUMENTS} documents`;
    problems.error('compose/too-complex', message, { source, start: 0, end: 1 }, { hint: 'take some "---" out' });
    return [];
  } catch (error) {
    reportError(error, source, problems);
    if (error instanceof YamlError) onStop?.({ at: error.at, isOpen: /closing|expected here$/.test(error.message) });
    return [];
  }
}

/** Each is laid over all before it. */
const MAX_DOCUMENTS = 1000;

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

function reportError(error: unknown, source: Source, problems: Problems): void {
  if (error instanceof TooDeep) {
    problems.error('compose/too-complex', 'the YAML is nested too deeply', { source, start: 0, end: 1 });
    return;
  }
  if (!(error instanceof YamlError)) throw error;
  reportSyntax(error, source, problems);
}

/** Reports a fault of syntax as a person is told it. */
export function reportSyntax(error: YamlError, source: Source, problems: Problems): void {
  const told = tellSyntax(source.text, error);
  const at = ({ start, end }: { start: number; end: number }): Origin => ({
    source,
    start,
    end: Math.max(end, start + 1),
  });
  const related = told.related && [{ message: told.related.message, origin: at(told.related) }];
  const { hint } = told;
  problems.error('compose/yaml-syntax', told.message, at(told), {
    ...(hint !== undefined && { hint }),
    ...(related && { related }),
  });
}
