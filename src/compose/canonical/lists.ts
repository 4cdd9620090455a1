// Short forms of lists and mappings: `KEY=value` items, single strings, lists of names.
import type { Canon, Report } from '../attributes/shape.ts';
import { formatGo } from '../bind/go-format.ts';
import type { Origin } from '../source.ts';
import {
  isNull,
  listOf,
  mapOf,
  mapValues,
  plain,
  text,
  type Entry,
  type ListTree,
  type ScalarTree,
  type Tree,
} from '../tree.ts';
import { treeKey } from './tree-key.ts';

/** A single string becomes a list of one. */
export const stringOrList: Canon = (tree) => (isText(tree) ? listOf([tree], tree.origin) : tree);

/** As `stringOrList`, without empty items. */
export const filledStrings: Canon = (tree, report) => {
  const list = stringOrList(tree, report);
  if (list.kind !== 'list') return list;
  return { ...list, items: list.items.filter((item) => !isNull(item) && !(isText(item) && item.value === '')) };
};

const isText = (tree: Tree): tree is ScalarTree => tree.kind === 'scalar' && tree.type === 'string';

/** Items `KEY=value` become a mapping; a bare KEY has null. */
export const keyValues: Canon = (tree) => (isTextList(tree) ? pairs(tree, '=', true) : tree);

/** As `keyValues`, but a bare KEY has the empty string, as labels have. */
export const labels: Canon = (tree, report) => {
  if (tree.kind === 'map') return nullsToEmpty(tree, report);
  return isTextList(tree) ? pairs(tree, '=', false) : tree;
};

/** A list in which an item stands twice stays as it is, for the validation to report. */
export const once =
  (canon: Canon): Canon =>
  (tree, report) =>
    tree.kind === 'list' && new Set(tree.items.map(treeKey)).size < tree.items.length ? tree : canon(tree, report);

/** As `labels`, but a bare KEY is a mistake. */
export const assignments: Canon = (tree, report) => {
  if (isTextList(tree))
    for (const item of tree.items)
      if (isText(item) && !String(item.value).includes('='))
        report(`"${item.value}" is not NAME=value`, item.origin, 'write it as "name=value"');
  return labels(tree, report);
};

/** Values of a mapping that are null become empty. */
export const nullsToEmpty: Canon = (tree) =>
  tree.kind === 'map' ? mapValues(tree, (value) => (isNull(value) ? text('', value.origin) : value)) : tree;

/** A list that the validation will not object to. */
const isTextList = (tree: Tree): tree is ListTree => tree.kind === 'list' && tree.items.every(isText);

function pairs(tree: ListTree, separator: string, bareIsNull: boolean): Tree {
  const entries = new Map<string, Entry>();
  for (const item of tree.items) {
    const [key, value] = splitPair(item, separator);
    const origin = item.origin;
    const tail = value === undefined && bareIsNull ? plain(null, origin) : text(value ?? '', origin);
    entries.set(key, { key: origin, value: withUnset(tail, item) });
  }
  return mapOf(entries, tree.origin);
}

function splitPair(item: Tree, separator: string): readonly [string, string | undefined] {
  const whole = item.kind === 'scalar' ? formatGo(item) : '';
  const at = whole.indexOf(separator);
  return at < 0 ? [whole, undefined] : [whole.slice(0, at), whole.slice(at + separator.length)];
}

/** Variables without a value stay known when a scalar is cut up. */
export function withUnset(tree: ScalarTree, from: Tree): ScalarTree {
  return from.kind === 'scalar' && from.unset ? { ...tree, unset: from.unset } : tree;
}

/** A list of names becomes a mapping of each to what `make` gives. */
export const namesTo =
  (make: (origin: Origin) => Tree): Canon =>
  (tree) => {
    if (!isTextList(tree) || new Set(tree.items.map(treeKey)).size < tree.items.length) return tree;
    const entries = tree.items.filter(isText).map((item): [string, Entry] => {
      return [String(item.value), { key: item.origin, value: make(item.origin) }];
    });
    return mapOf(entries, tree.origin);
  };

/** `host=ip` or `host:ip` items, or a mapping of host to ip or ips, become host to list of ips. */
export const extraHosts: Canon = (tree, report) => {
  const addresses = tree.kind === 'map' ? [...tree.entries.values()].map(({ value }) => value) : [tree];
  if (!addresses.every((one) => isTextList(one) || (isText(one) && tree.kind === 'map'))) return tree;
  const hosts = new Map<string, { key: Origin; items: Tree[] }>();
  const add = (host: string, ip: string, from: Tree, key: Origin): void => {
    const row = hosts.get(host) ?? { key, items: [] };
    row.items.push(withUnset(text(unbracket(ip), from.origin), from));
    hosts.set(host, row);
  };
  if (tree.kind === 'list') for (const item of tree.items) addHostItem(item, add, report);
  if (tree.kind === 'map')
    for (const [host, { key, value }] of tree.entries)
      for (const ip of value.kind === 'list' ? value.items : [value])
        if (ip.kind === 'scalar') add(host, formatGo(ip), ip, key);
  const markOf = (host: string): Pick<Tree, 'mark'> => {
    const mark = tree.kind === 'map' ? tree.entries.get(host)?.value.mark : undefined;
    return mark ? { mark } : {};
  };
  const entries = [...hosts].map(([host, { key, items }]): [string, Entry] => {
    return [host, { key, value: { ...listOf(items, key), ...markOf(host) } }];
  });
  return mapOf(entries, tree.origin);
};

function addHostItem(
  item: Tree,
  add: (host: string, ip: string, from: Tree, key: Origin) => void,
  report: Report,
): void {
  const whole = item.kind === 'scalar' ? formatGo(item) : '';
  const [host, ip] = splitHost(whole);
  if (host === '' || ip === undefined)
    report(`"${whole}" is not host=address`, item.origin, 'write it as "host=address"');
  else for (const one of ip.split(',')) add(host, one, item, item.origin);
}

/** `=` separates when there is one, else the first colon. */
function splitHost(whole: string): readonly [string, string | undefined] {
  const separator = whole.includes('=') ? '=' : ':';
  const at = whole.indexOf(separator);
  return at < 0 ? [whole, undefined] : [whole.slice(0, at), whole.slice(at + 1)];
}

const unbracket = (ip: string): string => (ip.startsWith('[') && ip.endsWith(']') ? ip.slice(1, -1) : ip);
