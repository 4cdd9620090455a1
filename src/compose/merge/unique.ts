// Lists in which an entry takes the place of an earlier one that means the same thing. Keyed by path.
import { treeKey } from '../canonical/tree-key.ts';
import { formatGo } from '../bind/go-format.ts';
import { get, mapValues, type Tree } from '../tree.ts';
import { pathTable } from './path-table.ts';

/** What makes two entries the same; undefined: the entry stays as it is. */
type Indexer = (item: Tree) => string | undefined;

/** Text up to the first `=`. */
const key: Indexer = (item) => (item.kind === 'scalar' ? formatGo(item).split('=', 1)[0] : undefined);

const value: Indexer = (item) => (item.kind === 'scalar' ? formatGo(item) : treeKey(item));

const field =
  (name: string): Indexer =>
  (item) => {
    const found = get(item, name);
    return found?.kind === 'scalar' ? formatGo(found) : undefined;
  };

const reference =
  (folder: string): Indexer =>
  (item) => {
    const target = field('target')(item);
    return target ?? `${folder}/${field('source')(item) ?? ''}`;
  };

const port: Indexer = (item) => {
  if (item.kind !== 'map') return value(item);
  const [ip, target, protocol] = ['host_ip', 'target', 'protocol'].map((name) => field(name)(item));
  const published = get(item, 'published');
  // docker compose takes a published number for another port than the same digits as text
  const number = published?.kind === 'scalar' && published.type === 'integer' ? ' as number' : '';
  return `${ip ?? '0.0.0.0'}:${field('published')(item) ?? ''}${number}:${target ?? ''}/${protocol ?? 'tcp'}`;
};

const TABLE = pathTable<Indexer>({
  'services.*.build.tags': key,
  'services.*.cap_add': key,
  'services.*.cap_drop': key,
  'services.*.configs': reference(''),
  'services.*.devices': field('target'),
  'services.*.dns': key,
  'services.*.dns_opt': key,
  'services.*.dns_search': key,
  'services.*.env_file': field('path'),
  'services.*.expose': value,
  'services.*.links': key,
  'services.*.networks.*.aliases': key,
  'services.*.networks.*.link_local_ips': key,
  'services.*.ports': port,
  'services.*.profiles': key,
  'services.*.secrets': reference('/run/secrets'),
  'services.*.tmpfs': key,
  'services.*.volumes': field('target'),
});

/** The tree with each such list reduced: the last entry, at the place of the first. */
export function enforceUnique(tree: Tree, path: readonly string[] = []): Tree {
  if (tree.kind === 'map') return mapValues(tree, (child, name) => enforceUnique(child, [...path, name]));
  const indexer = tree.kind === 'list' ? TABLE(path) : undefined;
  if (!indexer || tree.kind !== 'list') return tree;
  const kept = new Map<string, Tree>();
  tree.items.forEach((item, index) => kept.set(indexer(item) ?? `\0${index}`, item));
  return kept.size === tree.items.length ? tree : { ...tree, items: [...kept.values()] };
}
