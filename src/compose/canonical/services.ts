// Short forms that belong to one attribute of a service.
import type { Canon } from '../attributes/shape.ts';
import { listOf, mapOf, plain, record, text, withKey, type Entry, type ScalarTree, type Tree } from '../tree.ts';
import { impliedBy, type Origin } from '../source.ts';
import { namesTo, withUnset } from './lists.ts';

const isText = (tree: Tree): tree is ScalarTree => tree.kind === 'scalar' && tree.type === 'string';

/** A string becomes a mapping with it under `key`. */
export const under =
  (key: string): Canon =>
  (tree) =>
    isText(tree) ? record({ [key]: tree }, tree.origin) : tree;

/** A list of services becomes a mapping to "started, required". */
export const dependsOn: Canon = namesTo((origin) => startedDependency(origin));

/** What an entry of a list of dependencies means. */
export function startedDependency(origin: Origin): Tree {
  const implied = impliedBy(origin);
  return record({ condition: text('service_started', implied), required: plain(true, implied) }, origin);
}

/** A list of names becomes a mapping to null. */
export const namesToNull: Canon = namesTo((origin) => plain(null, origin));

/** `source[:target[:permissions]]`. */
export const device: Canon = (tree, report) => {
  if (!isText(tree)) return withTarget(tree, report);
  const parts = String(tree.value).split(':');
  const [source = '', target = source, permissions = 'rwm'] = parts;
  if (parts.length > 3) report(`"${tree.value}" is not a device`, tree.origin, '"/dev/src:/dev/dst:rwm"');
  const at = (value: string): ScalarTree => withUnset(text(value, tree.origin), tree);
  return record({ source: at(source), target: at(target), permissions: at(permissions) }, tree.origin);
};

const withTarget: Canon = (tree, report) => {
  if (tree.kind === 'map' && !tree.entries.has('target'))
    report('a device has no target', tree.origin, 'add "target: /dev/NAME"');
  return tree;
};

/** A string, or a list of strings and mappings, becomes a list of mappings. */
export const envFiles: Canon = (tree) => {
  const items = tree.kind === 'list' ? tree.items : [tree];
  return listOf(items.map(envFile), tree.origin);
};

function envFile(item: Tree): Tree {
  if (isText(item)) return record({ path: item, required: plain(true, impliedBy(item.origin)) }, item.origin);
  if (item.kind !== 'map' || item.entries.has('required')) return item;
  return withKey(item, 'required', plain(true, impliedBy(item.origin)));
}

/** "all" becomes one request for all of them. */
export const gpus: Canon = (tree) => {
  if (!isText(tree) || tree.value !== 'all') return tree;
  return listOf([record({ count: plain(-1, tree.origin) }, tree.origin)], tree.origin);
};

/** `default` or `id=path` items become a mapping. */
export const sshKeys: Canon = (tree, report) => {
  if (tree.kind !== 'list' || !tree.items.every(isText)) return tree;
  const entries = tree.items.map((item): [string, Entry] => {
    const [id = '', path] = String(item.value).split(/=(.*)/s);
    if (path === undefined && id !== 'default')
      report(`"${id}" is no SSH agent or key`, item.origin, 'write "default", or "id=path"');
    return [id, { key: item.origin, value: path === undefined ? plain(null, item.origin) : text(path, item.origin) }];
  });
  return mapOf(entries, tree.origin);
};

/** `external: {name: x}` becomes `external: true` and `name: x`; other keys are left for the validation to report. */
export const external: Canon = (tree, report) => {
  const old = tree.kind === 'map' ? tree.entries.get('external')?.value : undefined;
  const known = old?.kind !== 'map' || [...old.entries.keys()].every((key) => key === 'name' || key.startsWith('x-'));
  return known ? anyExternal(tree, report) : tree;
};

/** As `external`, whatever else stands beside the name. */
export const anyExternal: Canon = (tree, report) => {
  if (tree.kind !== 'map') return tree;
  const old = tree.entries.get('external')?.value;
  if (old?.kind !== 'map') return tree;
  const name = old.entries.get('name')?.value;
  const own = tree.entries.get('name')?.value;
  if (name && own && isText(name) && isText(own) && name.value !== own.value)
    report('name and external.name are different', own.origin, 'keep name, and write "external: true"');
  const marked = withKey(tree, 'external', plain(true, old.origin));
  return name ? withKey(marked, 'name', name) : marked;
};

/** An included path becomes a mapping with a list of it. */
export const includeEntry: Canon = (tree) =>
  isText(tree) ? record({ path: listOf([tree], tree.origin) }, tree.origin) : tree;

/** A scalar becomes a list of one; for the options of a provider. */
export const listOfOne: Canon = (tree) => (tree.kind === 'scalar' ? listOf([tree], tree.origin) : tree);

/** "all" becomes -1. */
export const deviceCount: Canon = (tree) => (isText(tree) && tree.value === 'all' ? plain(-1, tree.origin) : tree);

/** A limit of 0 becomes both of its limits; docker compose has no short form of it. */
export const noLimit: Canon = (tree) =>
  tree.kind === 'scalar' && (tree.type === 'integer' || tree.type === 'string') && String(tree.value) === '0'
    ? record({ soft: plain(0, tree.origin), hard: plain(0, tree.origin) }, tree.origin)
    : tree;
