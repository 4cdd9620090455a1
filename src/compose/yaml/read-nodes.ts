// The parser of YAML: from tokens to the nodes of each document. Recursive, with a limit to the depth.
import { FORBIDDEN } from './chars.ts';
import { YamlError } from './cursor.ts';
import type { YamlNode } from './nodes.ts';
import { createScanner, dropToken, nextToken, STANDARD_TAGS, type Scanner } from './scan.ts';
import type { Token, TokenKind } from './tokens.ts';

/** Thrown when collections lie too deep in each other. */
export class TooDeep extends Error {}

/** More than the trees may have, so that mostly those say where it is too deep. */
const MAX_DEPTH = 1000;

/** The root of every document; one without content is an empty scalar. Throws YamlError, TooDeep. */
export function readDocuments(text: string): readonly YamlNode[] {
  const forbidden = FORBIDDEN.exec(text);
  if (forbidden) throw new YamlError('a control character cannot be part of a YAML file', forbidden.index);
  const scanner = createScanner(text);
  const documents: YamlNode[] = [];
  while (beginDocument(scanner, documents.length === 0)) {
    const isEmpty = is(scanner, 'directive', 'document-start', 'document-end', 'stream-end');
    documents.push(isEmpty ? empty(nextToken(scanner).start) : readNode({ scanner, depth: 0 }, 'block'));
    if (is(scanner, 'document-end')) dropToken(scanner);
    scanner.handles = STANDARD_TAGS;
  }
  return documents;
}

/** Steps over directives and `---`. False at the end. */
function beginDocument(scanner: Scanner, isFirst: boolean): boolean {
  while (!isFirst && is(scanner, 'document-end')) dropToken(scanner);
  if (is(scanner, 'stream-end')) return false;
  if (isFirst && !is(scanner, 'directive', 'document-start')) return true;
  readDirectives(scanner);
  const { kind, start } = nextToken(scanner);
  if (kind !== 'document-start') throw new YamlError('the document has ended above: "---" begins another', start);
  dropToken(scanner);
  return true;
}

function readDirectives(scanner: Scanner): void {
  let version = false;
  while (is(scanner, 'directive')) {
    const { text, start } = nextToken(scanner);
    const [name, first = '', second = ''] = text.split(/[ \t]+/);
    if (name === 'TAG') scanner.handles = new Map([...scanner.handles, [first, second]]);
    else if (version || first !== '1.1') throw new YamlError('%YAML 1.1 may stand here, once', start);
    else version = true;
    dropToken(scanner);
  }
}

interface Reading {
  readonly scanner: Scanner;
  readonly depth: number;
}

const is = (scanner: Scanner, ...kinds: readonly TokenKind[]): boolean => kinds.includes(nextToken(scanner).kind);

const empty = (at: number): YamlNode => ({ kind: 'scalar', text: '', plain: true, start: at, end: at });

/** Where a node stands: `value` is that of a key in a block, where a list needs no indentation. */
type Context = 'flow' | 'block' | 'value';

interface Properties {
  readonly anchor?: string;
  readonly tag?: string;
}

function readNode({ scanner, depth }: Reading, context: Context): YamlNode {
  if (depth > MAX_DEPTH) throw new TooDeep();
  const token = nextToken(scanner);
  if (token.kind === 'alias') {
    dropToken(scanner);
    return { kind: 'alias', name: token.text, start: token.start, end: token.end };
  }
  const properties = readProperties(scanner);
  const content = readContent({ scanner, depth: depth + 1 }, context);
  if (content !== undefined) return properties === NONE ? content : { ...content, ...properties };
  if (properties !== NONE) return { ...empty(token.end), ...properties };
  throw new YamlError(`a value was expected here, not ${NAMES[token.kind] ?? 'this'}`, token.start);
}

const NAMES: Partial<Record<TokenKind, string>> = {
  'stream-end': 'the end of the file',
  'flow-list-end': '"]"',
  'flow-map-end': '"}"',
  comma: 'a comma',
  item: '"-"',
  value: '":"',
};

const NONE: Properties = {};

/** An anchor and a tag, in any order. */
function readProperties(scanner: Scanner): Properties {
  let properties = NONE;
  for (let token = nextToken(scanner); ; token = nextToken(scanner)) {
    if (token.kind === 'anchor' && properties.anchor === undefined) properties = { ...properties, anchor: token.text };
    else if (token.kind === 'tag' && properties.tag === undefined) properties = { ...properties, tag: token.text };
    else return properties;
    dropToken(scanner);
  }
}

function readContent(reading: Reading, context: Context): YamlNode | undefined {
  const { kind, text, plain = false, start, end } = nextToken(reading.scanner);
  if (kind === 'scalar') {
    dropToken(reading.scanner);
    return { kind, text, plain, start, end };
  }
  if (kind === 'flow-list') return readFlowList(reading);
  if (kind === 'flow-map') return readFlowMap(reading);
  if (context === 'flow') return undefined;
  if (kind === 'block-list') return readBlockList(reading);
  if (kind === 'block-map') return readBlockMap(reading);
  return kind === 'item' && context === 'value' ? readBareList(reading) : undefined;
}

function readBlockList(reading: Reading): YamlNode {
  const { scanner } = reading;
  const opening = nextToken(scanner);
  const items: YamlNode[] = [];
  dropToken(scanner);
  while (is(scanner, 'item')) {
    dropToken(scanner);
    items.push(orEmpty(reading, 'block', ['item', 'block-end']));
  }
  endBlock(scanner, 'the line is not indented as the items of the list above');
  return { kind: 'list', items, start: opening.start, end: endOf(items, opening) };
}

function endBlock(scanner: Scanner, misfit: string): void {
  const { kind, start } = nextToken(scanner);
  const { text } = scanner.cursor;
  const isOnOwnLine = text.slice(text.lastIndexOf('\n', start - 1) + 1, start).trim() === '';
  if (kind !== 'block-end') throw new YamlError(isOnOwnLine ? misfit : 'the value has ended before this', start);
  dropToken(scanner);
}

/** A list that is indented as the key it belongs to. */
function readBareList(reading: Reading): YamlNode {
  const { scanner } = reading;
  const opening = nextToken(scanner);
  const items: YamlNode[] = [];
  while (is(scanner, 'item')) {
    dropToken(scanner);
    items.push(orEmpty(reading, 'block', ['item', 'key', 'value', 'block-end']));
  }
  return { kind: 'list', items, start: opening.start, end: endOf(items, opening) };
}

function readBlockMap(reading: Reading): YamlNode {
  const { scanner } = reading;
  const opening = nextToken(scanner);
  const pairs: (readonly [YamlNode, YamlNode])[] = [];
  dropToken(scanner);
  while (is(scanner, 'key', 'value')) pairs.push([readKey(reading), readValue(reading)]);
  endBlock(scanner, 'the line is not indented as the keys of the mapping above');
  const end = endOf(pairs.at(-1) ?? [], opening);
  return { kind: 'map', pairs, start: opening.start, end };
}

function readKey(reading: Reading): YamlNode {
  const { start, kind } = nextToken(reading.scanner);
  if (kind === 'value') throw new YamlError('a key is missing before ":"', start);
  dropToken(reading.scanner);
  return orEmpty(reading, 'value', ['key', 'value', 'block-end']);
}

function readValue(reading: Reading): YamlNode {
  const { start, kind } = nextToken(reading.scanner);
  if (kind !== 'value') return empty(start);
  dropToken(reading.scanner);
  return orEmpty(reading, 'value', ['key', 'value', 'block-end']);
}

/** A node, unless one of these tokens follows at once. */
function orEmpty(reading: Reading, context: Context, kinds: readonly TokenKind[]): YamlNode {
  const { kind, start } = nextToken(reading.scanner);
  return kinds.includes(kind) ? empty(start) : readNode(reading, context);
}

const endOf = (nodes: readonly YamlNode[], opening: Token): number => nodes.at(-1)?.end ?? opening.end;

function readFlowList(reading: Reading): YamlNode {
  const { scanner } = reading;
  const { start } = nextToken(scanner);
  const items: YamlNode[] = [];
  dropToken(scanner);
  for (let isFirst = true; !is(scanner, 'flow-list-end'); isFirst = false) {
    if (!isFirst) skipComma(scanner, 'flow-list-end', { what: 'list', start });
    if (is(scanner, 'flow-list-end')) break;
    items.push(is(scanner, 'key') ? readSinglePair(reading) : readNode(reading, 'flow'));
  }
  const { end } = nextToken(scanner);
  dropToken(scanner);
  return { kind: 'list', items, start, end };
}

/** `a: b` as an item of a flow list. */
function readSinglePair(reading: Reading): YamlNode {
  const { scanner } = reading;
  const { start } = nextToken(scanner);
  dropToken(scanner);
  const key = orEmpty(reading, 'flow', ['value', 'comma', 'flow-list-end']);
  const value = readFlowValue(reading, ['comma', 'flow-list-end']);
  return { kind: 'map', pairs: [[key, value]], start, end: value.end };
}

function readFlowValue(reading: Reading, ends: readonly TokenKind[]): YamlNode {
  const { kind, start } = nextToken(reading.scanner);
  if (kind !== 'value') return empty(start);
  dropToken(reading.scanner);
  return orEmpty(reading, 'flow', ends);
}

function readFlowMap(reading: Reading): YamlNode {
  const { scanner } = reading;
  const { start } = nextToken(scanner);
  const pairs: (readonly [YamlNode, YamlNode])[] = [];
  dropToken(scanner);
  for (let isFirst = true; !is(scanner, 'flow-map-end'); isFirst = false) {
    if (!isFirst) skipComma(scanner, 'flow-map-end', { what: 'mapping', start });
    if (is(scanner, 'flow-map-end')) break;
    pairs.push(readFlowPair(reading));
  }
  const { end } = nextToken(scanner);
  dropToken(scanner);
  return { kind: 'map', pairs, start, end };
}

/** A key without a colon has no value. */
function readFlowPair(reading: Reading): readonly [YamlNode, YamlNode] {
  const { scanner } = reading;
  if (!is(scanner, 'key')) {
    const bare = readNode(reading, 'flow');
    return [bare, empty(bare.end)];
  }
  dropToken(scanner);
  const key = orEmpty(reading, 'flow', ['value', 'comma', 'flow-map-end']);
  return [key, readFlowValue(reading, ['comma', 'flow-map-end'])];
}

function skipComma(scanner: Scanner, end: TokenKind, opening: { what: string; start: number }): void {
  const { kind, start } = nextToken(scanner);
  const closing = end === 'flow-list-end' ? ']' : '}';
  if (kind === 'stream-end') throw new YamlError(`the ${opening.what} has no closing "${closing}"`, opening.start);
  if (kind !== 'comma') throw new YamlError(`"," or "${closing}" was expected here`, start, opening.start);
  dropToken(scanner);
}
