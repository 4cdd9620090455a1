// Turns the nodes of the YAML reader into trees: anchors, merge keys, duplicate keys and the limits against
// documents that unfold without end. Keys must be strings.
import type { Problems } from '../problems.ts';
import { passed, type Origin, type Source } from '../source.ts';
import type { Entry, MapTree, Mark, Tree } from '../tree.ts';
import { didYouMean } from '../../base/did-you-mean.ts';
import { mergeEntries } from './merge-keys.ts';
import type { AliasNode, MapNode, ScalarNode, YamlNode } from './nodes.ts';
import { resolvePlain, resolveTagged } from './scalar.ts';

/** How much one document may hold, aliases unfolded. */
export interface NodeLimits {
  readonly nodes: number;
  readonly depth: number;
}

/** What anchors stand for, by name; `open` while the value is being read. */
export type Anchors = Map<string, { tree: Tree; size: number } | 'open'>;

/** What converting a document needs. */
export interface ConvertContext {
  /** Those of the documents before it in the file are known, too. */
  readonly anchors: Anchors;
  readonly source: Source;
  readonly problems: Problems;
  readonly limits: NodeLimits;
}

interface State extends ConvertContext {
  size: number;
}

/** Thrown to leave a document whose limits are passed; never leaves this module. */
class TooBig extends Error {}

/** The tree of a document; undefined when it is too big, which is reported. */
export function convertDocument(node: YamlNode, context: ConvertContext): Tree | undefined {
  const state: State = { ...context, size: 0 };
  try {
    return convert(node, state, 0);
  } catch (error) {
    if (!(error instanceof TooBig)) throw error;
    return undefined;
  }
}

function convert(node: YamlNode, state: State, depth: number): Tree {
  const before = state.size;
  grow(state, 1, node);
  if (depth > state.limits.depth) tooBig(state, node, `nested more than ${state.limits.depth} levels deep`);
  if (node.kind === 'alias') return followAlias(node, state);
  const { anchor } = node;
  if (anchor !== undefined) state.anchors.set(anchor, 'open');
  const tree = convertValue(node, state, depth);
  if (anchor !== undefined) state.anchors.set(anchor, { tree, size: state.size - before });
  return tree;
}

function convertValue(node: Exclude<YamlNode, AliasNode>, state: State, depth: number): Tree {
  const origin = originOf(node, state);
  if (node.kind === 'map') return marked(convertMap(node, origin, state, depth), node.tag, state);
  if (node.kind === 'scalar') return marked(convertScalar(node, origin, state), node.tag, state);
  const items = node.items.map((item) => convert(item, state, depth + 1));
  return marked({ kind: 'list', items, origin }, node.tag, state);
}

function convertScalar(node: ScalarNode, origin: Origin, state: State): Tree {
  const { text: value, plain: isPlain, tag } = node;
  const untagged = isPlain ? resolvePlain(value) : ({ type: 'string', value } as const);
  const resolved = tag === undefined ? untagged : resolveTagged(value, tag, isPlain);
  if (!resolved) reportTag(value, tag ?? '', origin, state);
  const read = resolved ?? untagged;
  if (typeof read.value === 'number' && !Number.isFinite(read.value)) notFinite(value, origin, state);
  return { kind: 'scalar', ...read, origin };
}

function notFinite(written: string, origin: Origin, { problems }: State): void {
  const hint = `write it in quotes: "${written}"`;
  problems.error('compose/invalid-value', `${written} is not a number that a compose file can hold`, origin, { hint });
}

function reportTag(value: string, tag: string, origin: Origin, { problems }: State): void {
  const short = tag.replace('tag:yaml.org,2002:', '!!');
  problems.error('compose/yaml-syntax', `"${value}" does not fit its tag ${short}`, origin, {
    hint: 'take the tag out',
  });
}

function convertMap(node: MapNode, origin: Origin, state: State, depth: number): MapTree {
  const entries = new Map<string, Entry>();
  const merges: Tree[] = [];
  let mergeKey: Origin | undefined;
  for (const [keyNode, valueNode] of node.pairs) {
    const keyOrigin = originOf(keyNode, state);
    if (keyNode.kind === 'scalar' && keyNode.anchor !== undefined) anchorKey(keyNode, keyNode.anchor, state);
    const value = convert(valueNode, state, depth + 1);
    if (isMergeKey(keyNode)) {
      if (mergeKey) duplicate(state, '<<', keyOrigin, mergeKey);
      mergeKey = keyOrigin;
      merges.push(value);
      continue;
    }
    const key = keyText(keyNode, keyOrigin, state);
    const earlier = entries.get(key);
    if (earlier) duplicate(state, key, keyOrigin, earlier.key);
    entries.set(key, { key: keyOrigin, value });
  }
  for (const merge of merges) mergeEntries(entries, merge, state.problems);
  return { kind: 'map', entries, origin };
}

const isMergeKey = (key: YamlNode): boolean => key.kind === 'scalar' && key.plain && key.text === '<<';

function keyText(key: YamlNode, origin: Origin, state: State): string {
  const node = key.kind === 'alias' ? followAlias(key, state) : undefined;
  if (node?.kind === 'scalar' && node.type === 'string') return String(node.value);
  const shown = key.kind === 'scalar' ? key.text : '(collection)';
  const isText = key.kind === 'scalar' && (!key.plain || resolvePlain(shown).type === 'string');
  if (!isText && !(key.kind === 'scalar' && key.tag === 'tag:yaml.org,2002:str')) {
    const hint = key.kind === 'scalar' ? `write "${shown}" in quotes` : 'use a plain word as key';
    state.problems.error('compose/non-string-key', `key ${shown} is not a string`, origin, { hint });
  }
  return shown;
}

/** A key can be what an alias stands for. */
function anchorKey(key: ScalarNode, anchor: string, state: State): void {
  state.anchors.set(anchor, { tree: convertScalar(key, originOf(key, state), state), size: 1 });
}

function duplicate(state: State, key: string, origin: Origin, first: Origin): void {
  const related = [{ message: 'first defined here', origin: first }];
  state.problems.error('compose/duplicate-key', `key "${key}" is defined twice in one mapping`, origin, {
    related,
    hint: 'keep one of them',
  });
}

function followAlias(node: AliasNode, state: State): Tree {
  const target = state.anchors.get(node.name);
  const origin = originOf(node, state);
  if (target && target !== 'open') {
    grow(state, target.size, node);
    return { ...target.tree, origin: passed(target.tree.origin, 'alias', origin) };
  }
  const why = target === 'open' ? 'contains itself' : 'is not defined before it is used';
  state.problems.error('compose/yaml-syntax', `anchor "${node.name}" ${why}`, origin, anchorHint(node.name, state));
  return { kind: 'scalar', type: 'null', value: null, origin, broken: true };
}

function anchorHint(name: string, { anchors }: State): { hint: string } {
  if (anchors.has(name)) return { hint: 'take the alias out' };
  const meant = didYouMean(name, anchors.keys());
  return { hint: meant ?? `put &${name} before the value that is meant, or quote the text: "*${name}"` };
}

function warnTag(tag: string, origin: Origin, { problems }: State): void {
  const meant = didYouMean(tag, ['!reset', '!override']);
  problems.warn('compose/unknown-tag', `the tag ${tag} has no effect`, origin, { hint: meant ?? 'take it out' });
}

function marked(tree: Tree, tag: string | undefined, state: State): Tree {
  const mark = markOf(tag);
  if (tag?.startsWith('!') === true && tag !== '!' && !mark) warnTag(tag, tree.origin, state);
  return mark ? { ...tree, mark } : tree;
}

function markOf(tag: string | undefined): Mark | undefined {
  return tag === '!reset' ? 'reset' : tag === '!override' ? 'override' : undefined;
}

function grow(state: State, by: number, node: YamlNode): void {
  state.size += by;
  if (state.size > state.limits.nodes) tooBig(state, node, `holds more than ${state.limits.nodes} values`);
}

function tooBig(state: State, node: YamlNode, why: string): never {
  state.problems.error(
    'compose/too-complex',
    `the document ${why} once its aliases are unfolded`,
    originOf(node, state),
  );
  throw new TooBig();
}

function originOf(node: YamlNode, state: State): Origin {
  return { source: state.source, start: node.start, end: Math.max(node.end, node.start + 1) };
}
