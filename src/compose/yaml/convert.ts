// Turns the nodes of the YAML library into trees: anchors, merge keys, duplicate keys and the limits against
// documents that unfold without end. Keys must be strings.
import { isAlias, isMap, isScalar, isSeq, type Alias, type ParsedNode, type Scalar, type YAMLMap } from 'yaml';
import type { Problems } from '../problems.ts';
import { passed, type Origin, type Source } from '../source.ts';
import type { Entry, MapTree, Mark, Tree } from '../tree.ts';
import { mergeEntries } from './merge-keys.ts';
import { resolvePlain, resolveTagged } from './scalar.ts';

/** How much one document may hold, aliases unfolded. */
export interface NodeLimits {
  readonly nodes: number;
  readonly depth: number;
}

/** What converting a document needs. */
export interface ConvertContext {
  readonly source: Source;
  readonly problems: Problems;
  readonly limits: NodeLimits;
}

interface State extends ConvertContext {
  readonly anchors: Map<string, { tree: Tree; size: number } | 'open'>;
  size: number;
}

/** Thrown to leave a document whose limits are passed; never leaves this module. */
class TooBig extends Error {}

/** The tree of a document; undefined when it is too big, which is reported. */
export function convertDocument(node: ParsedNode, context: ConvertContext): Tree | undefined {
  const state: State = { ...context, anchors: new Map(), size: 0 };
  try {
    return convert(node, state, 0);
  } catch (error) {
    if (!(error instanceof TooBig)) throw error;
    return undefined;
  }
}

type Node = ParsedNode | Alias.Parsed | null;

function convert(node: Node, state: State, depth: number): Tree {
  const before = state.size;
  grow(state, 1, node);
  if (depth > state.limits.depth) tooBig(state, node, `nested more than ${state.limits.depth} levels deep`);
  if (isAlias(node)) return followAlias(node, state);
  const anchor = node?.anchor;
  if (anchor !== undefined) state.anchors.set(anchor, 'open');
  const tree = convertValue(node, state, depth);
  if (anchor !== undefined) state.anchors.set(anchor, { tree, size: state.size - before });
  return tree;
}

function convertValue(node: Exclude<Node, Alias.Parsed>, state: State, depth: number): Tree {
  const origin = originOf(node, state);
  if (isMap(node)) return marked(convertMap(node, origin, state, depth), node.tag);
  if (isSeq(node)) {
    const items = node.items.map((item) => convert(item as Node, state, depth + 1));
    return marked({ kind: 'list', items, origin }, node.tag);
  }
  if (isScalar(node)) return marked(convertScalar(node, origin, state), node.tag);
  return { kind: 'scalar', type: 'null', value: null, origin };
}

function convertScalar(node: Scalar.Parsed, origin: Origin, state: State): Tree {
  const value = String(node.value);
  const isPlain = node.type === 'PLAIN';
  const { tag } = node;
  const untagged = isPlain ? resolvePlain(value) : ({ type: 'string', value } as const);
  const resolved = tag === undefined ? untagged : resolveTagged(value, tag, isPlain);
  if (!resolved) state.problems.error('compose/yaml-syntax', `"${value}" does not fit its tag ${tag ?? ''}`, origin);
  return { kind: 'scalar', ...(resolved ?? untagged), origin };
}

function convertMap(node: YAMLMap.Parsed, origin: Origin, state: State, depth: number): MapTree {
  const entries = new Map<string, Entry>();
  const merges: Tree[] = [];
  let mergeKey: Origin | undefined;
  for (const pair of node.items) {
    const keyOrigin = originOf(pair.key, state);
    const value = convert(pair.value, state, depth + 1);
    if (isMergeKey(pair.key)) {
      if (mergeKey) duplicate(state, '<<', keyOrigin, mergeKey);
      mergeKey = keyOrigin;
      merges.push(value);
      continue;
    }
    const key = keyText(pair.key, keyOrigin, state);
    const earlier = entries.get(key);
    if (earlier) duplicate(state, key, keyOrigin, earlier.key);
    entries.set(key, { key: keyOrigin, value });
  }
  for (const merge of merges) mergeEntries(entries, merge, state.problems);
  return { kind: 'map', entries, origin };
}

const isMergeKey = (key: unknown): boolean => isScalar(key) && key.type === 'PLAIN' && key.value === '<<';

function keyText(key: unknown, origin: Origin, state: State): string {
  const node = isAlias(key) ? followAlias(key as Alias.Parsed, state) : undefined;
  if (node?.kind === 'scalar' && node.type === 'string') return String(node.value);
  const shown = isScalar(key) ? String(key.value) : '(collection)';
  const isText = isScalar(key) && (key.type !== 'PLAIN' || resolvePlain(shown).type === 'string');
  if (!isText && !(isScalar(key) && key.tag === 'tag:yaml.org,2002:str')) {
    const hint = isScalar(key) ? `write "${shown}" in quotes` : 'use a plain word as key';
    state.problems.error('compose/non-string-key', `key ${shown} is not a string`, origin, { hint });
  }
  return shown;
}

function duplicate(state: State, key: string, origin: Origin, first: Origin): void {
  const related = [{ message: 'first defined here', origin: first }];
  state.problems.error('compose/duplicate-key', `key "${key}" is defined twice in one mapping`, origin, { related });
}

function followAlias(node: Alias.Parsed, state: State): Tree {
  const target = state.anchors.get(node.source);
  const origin = originOf(node, state);
  if (target && target !== 'open') {
    grow(state, target.size, node);
    return { ...target.tree, origin: passed(target.tree.origin, 'alias', origin) };
  }
  const why = target === 'open' ? 'contains itself' : 'is not defined before it is used';
  state.problems.error('compose/yaml-syntax', `anchor "${node.source}" ${why}`, origin);
  return { kind: 'scalar', type: 'null', value: null, origin };
}

function marked(tree: Tree, tag: string | undefined): Tree {
  const mark = markOf(tag);
  return mark ? { ...tree, mark } : tree;
}

function markOf(tag: string | undefined): Mark | undefined {
  return tag === '!reset' ? 'reset' : tag === '!override' ? 'override' : undefined;
}

function grow(state: State, by: number, node: Node): void {
  state.size += by;
  if (state.size > state.limits.nodes) tooBig(state, node, `holds more than ${state.limits.nodes} values`);
}

function tooBig(state: State, node: Node, why: string): never {
  state.problems.error(
    'compose/too-complex',
    `the document ${why} once its aliases are unfolded`,
    originOf(node, state),
  );
  throw new TooBig();
}

function originOf(node: Node, state: State): Origin {
  const [start, end] = node?.range ?? [0, 0];
  return { source: state.source, start, end: Math.max(end, start + 1) };
}
