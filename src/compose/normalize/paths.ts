// Makes the relative paths of a model absolute. Which attributes are paths is a table.
import { isAbsolute, join, resolve } from 'node:path';
import { get, mapValues, stringOf, update, withKey, type ScalarTree, type Tree } from '../tree.ts';

/** Where relative paths begin and what `~` is. */
export interface PathBase {
  /** With a relative one, paths stay relative. */
  readonly dir: string;
  readonly home: string | undefined;
}

/** The tree with its paths absolute. */
export function resolvePaths(tree: Tree, base: PathBase): Tree {
  return RULES.reduce((at, [keys, rule]) => update(at, keys, (value) => rule(value, base)), tree);
}

type Rule = (tree: Tree, base: PathBase) => Tree;

const path: Rule = (tree, base) => onText(tree, (value) => (value === '' ? value : absolute(value, base)));

/** As docker compose does, an empty text is the folder itself. */
const place: Rule = (tree, base) => onText(tree, (value) => (isWindowsPath(value) ? value : absolute(value, base)));

const each =
  (rule: Rule): Rule =>
  (tree, base) => {
    if (tree.kind === 'list') return { ...tree, items: tree.items.map((item) => rule(item, base)) };
    return tree.kind === 'map' ? mapValues(tree, (value) => rule(value, base)) : tree;
  };

const field =
  (key: string, rule: Rule): Rule =>
  (tree, base) => {
    const value = get(tree, key);
    return value && tree.kind === 'map' ? withKey(tree, key, rule(value, base)) : tree;
  };

const context: Rule = (tree, base) =>
  onText(tree, (value) => (value === '' || isRemoteContext(value) ? value : absolute(value, base)));

const bindSource: Rule = (tree, base) =>
  stringOf(get(tree, 'type')) === 'bind' ? field('source', place)(tree, base) : tree;

/** Only the exact pair `driver: local`, `o: bind` names a folder of the host. */
const localBind: Rule = (tree, base) => {
  const driver = stringOf(get(tree, 'driver'));
  const isBind = driver === 'local' && stringOf(get(tree, 'driver_opts', 'o')) === 'bind';
  return isBind ? update(tree, ['driver_opts', 'device'], (device) => place(device, base)) : tree;
};

const RULES: readonly (readonly [readonly string[], Rule])[] = [
  [['services', '*', 'build', 'context'], context],
  [['services', '*', 'build', 'additional_contexts'], each(context)],
  [['services', '*', 'build', 'ssh'], each(place)],
  [['services', '*', 'env_file'], each(field('path', path))],
  [['services', '*', 'label_file'], each(path)],
  [['services', '*', 'extends'], field('file', path)],
  [['services', '*', 'develop', 'watch'], each(field('path', path))],
  [['services', '*', 'volumes'], each(bindSource)],
  [['volumes', '*'], localBind],
  [['configs', '*', 'file'], place],
  [['secrets', '*', 'file'], place],
  [['include'], each(field('project_directory', path))],
  [['include'], each(field('path', each(path)))],
  [['include'], each(field('env_file', each(path)))],
];

function onText(tree: Tree, change: (value: string) => string): Tree {
  if (tree.kind !== 'scalar' || tree.type !== 'string') return tree;
  return { ...tree, value: change(String(tree.value)) } satisfies ScalarTree;
}

function absolute(value: string, { dir, home }: PathBase): string {
  if (value.startsWith('/')) return value;
  if (value.startsWith('~') && home !== undefined) return join(home, value.slice(1));
  return isAbsolute(dir) ? resolve(dir, value) : join(dir, value);
}

/** A path of a Windows host is for the engine to understand. */
const isWindowsPath = (value: string): boolean =>
  /^(?:[a-zA-Z]:[\\/]|\\\\[^\\/.][^\\/]*[\\/][^\\/.][^\\/]*[\\/])/.test(value);

const isRemoteContext = (value: string): boolean =>
  /^(?:https?:\/\/|git:\/\/|ssh:\/\/|git@|github\.com\/|service:|docker-image:\/\/|oci-layout:\/\/|target:)/.test(
    value,
  ) || value.includes('://');
