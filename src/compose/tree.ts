// What all phases of the loader work on: an immutable tree of values where each knows the place it came from.
// Sharing subtrees (YAML aliases) is safe because nothing changes a tree in place.
import type { Origin } from './source.ts';

/** `!reset` and `!override`, until the merge has obeyed them. */
export type Mark = 'reset' | 'override';

interface Common {
  readonly origin: Origin;
  readonly mark?: Mark;
  /** What it was merged of, the lower first; said only to explain. */
  readonly layers?: readonly [Tree, Tree];
  /** What it took the place of, where it is not merged; said only to explain. */
  readonly below?: Tree;
}

/** The types a scalar can have; `float` keeps 1.0 apart from 1, `timestamp` an unquoted date. */
export type ScalarType = 'string' | 'integer' | 'float' | 'boolean' | 'null' | 'timestamp';

/** A single value. */
export interface ScalarTree extends Common {
  readonly kind: 'scalar';
  readonly type: ScalarType;
  /** bigint where an integer does not fit a double. */
  readonly value: string | number | bigint | boolean | null;
  /** What stands for a value that could not be read; that has been reported. */
  readonly broken?: true;
  /** Variables without a value that went into it. */
  readonly unset?: readonly string[];
}

/** A value under a key. */
export interface Entry {
  readonly key: Origin;
  readonly value: Tree;
}

/** A mapping, in the order of its source. */
export interface MapTree extends Common {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, Entry>;
}

/** A sequence. */
export interface ListTree extends Common {
  readonly kind: 'list';
  readonly items: readonly Tree[];
}

/** Any value. */
export type Tree = ScalarTree | MapTree | ListTree;

/** A string scalar. */
export const text = (value: string, origin: Origin): ScalarTree => ({ kind: 'scalar', type: 'string', value, origin });

/** A scalar of a boolean, integer or null. */
export function plain(value: boolean | number | null, origin: Origin): ScalarTree {
  const type = value === null ? 'null' : typeof value === 'boolean' ? 'boolean' : 'integer';
  return { kind: 'scalar', type, value, origin };
}

/** A map of entries. */
export function mapOf(entries: Iterable<readonly [string, Entry]>, origin: Origin): MapTree {
  return { kind: 'map', entries: new Map(entries), origin };
}

/** A map whose keys have the place of their values. */
export function record(values: Readonly<Record<string, Tree | undefined>>, origin: Origin): MapTree {
  const entries = new Map<string, Entry>();
  for (const [key, value] of Object.entries(values)) if (value) entries.set(key, { key: value.origin, value });
  return { kind: 'map', entries, origin };
}

/** A list of items. */
export const listOf = (items: readonly Tree[], origin: Origin): ListTree => ({ kind: 'list', items, origin });

/** The value under a chain of keys, if there is one. */
export function get(tree: Tree | undefined, ...keys: readonly string[]): Tree | undefined {
  let at = tree;
  for (const key of keys) at = at?.kind === 'map' ? at.entries.get(key)?.value : undefined;
  return at;
}

/** The entries of a map; none for anything else. */
export function entriesOf(tree: Tree | undefined): Iterable<readonly [string, Entry]> {
  return tree?.kind === 'map' ? tree.entries : [];
}

/** The items of a list; none for anything else. */
export function itemsOf(tree: Tree | undefined): readonly Tree[] {
  return tree?.kind === 'list' ? tree.items : [];
}

/** The string of a string scalar. */
export function stringOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === 'scalar' && typeof tree.value === 'string' && tree.type === 'string' ? tree.value : undefined;
}

/** True for a null scalar. */
export const isNull = (tree: Tree | undefined): boolean => tree?.kind === 'scalar' && tree.type === 'null';

/** A map with one key set (the key's place stays where it was) or, without a value, taken away. */
export function withKey(map: MapTree, key: string, value: Tree | undefined): MapTree {
  const entries = new Map(map.entries);
  if (value === undefined) entries.delete(key);
  else entries.set(key, { key: entries.get(key)?.key ?? value.origin, value });
  return { ...map, entries };
}

/** A map with each value replaced; `undefined` takes the key away. */
export function mapValues(map: MapTree, change: (value: Tree, key: string) => Tree | undefined): MapTree {
  let entries: Map<string, Entry> | undefined;
  for (const [key, entry] of map.entries) {
    const value = change(entry.value, key);
    if (value === entry.value) continue;
    entries ??= new Map(map.entries);
    if (value) entries.set(key, { key: entry.key, value });
    else entries.delete(key);
  }
  return entries ? { ...map, entries } : map;
}

/** A tree with the value under a chain of keys replaced, when there is one. */
export function update(tree: Tree, keys: readonly string[], change: (value: Tree) => Tree | undefined): Tree {
  const [key, ...rest] = keys;
  if (key === undefined || tree.kind !== 'map') return tree;
  const touch = (value: Tree): Tree | undefined => (rest.length === 0 ? change(value) : update(value, rest, change));
  if (key === '*') return mapValues(tree, touch);
  const entry = tree.entries.get(key);
  return entry ? withKey(tree, key, touch(entry.value)) : tree;
}
