// Values that are always there in the canonical model although files leave them out.
import { mapValues, plain, text, update, withKey, get, stringOf, type MapTree, type Tree } from '../tree.ts';
import { impliedBy } from '../source.ts';

/** The tree with its defaults. */
export function setDefaults(tree: Tree): Tree {
  const service = (keys: readonly string[], change: (value: Tree) => Tree) => (at: Tree) =>
    update(at, ['services', '*', ...keys], change);
  const steps = [
    service(['build'], (build) => orKey(build, 'context', text('.', build.origin))),
    service(['depends_on', '*'], (dependency) => orKey(dependency, 'required', plain(true, dependency.origin))),
    service(
      ['secrets'],
      eachItem((secret) => orKey(secret, 'target', text(secretPath(secret), secret.origin))),
    ),
    service(['gpus'], eachItem(countAll)),
    service(['deploy', 'resources', 'reservations', 'devices'], eachItem(countAll)),
  ];
  return steps.reduce((at, step) => step(at), tree);
}

const eachItem =
  (change: (item: Tree) => Tree) =>
  (tree: Tree): Tree =>
    tree.kind === 'list' ? { ...tree, items: tree.items.map(change) } : tree;

const secretPath = (secret: Tree): string => `/run/secrets/${stringOf(get(secret, 'source')) ?? ''}`;

function orKey(tree: Tree, key: string, value: Tree): Tree {
  if (tree.kind !== 'map' || tree.entries.has(key)) return tree;
  return withKey(tree, key, { ...value, origin: impliedBy(value.origin) });
}

/** Neither a number nor a list of devices: all of them. */
function countAll(tree: Tree): Tree {
  if (tree.kind !== 'map' || tree.entries.has('count') || tree.entries.has('device_ids')) return tree;
  return withKey(tree, 'count', plain(-1, impliedBy(tree.origin)));
}

/** Each service of a model changed. */
export function eachService(tree: Tree, change: (service: MapTree, name: string) => Tree): Tree {
  return update(tree, ['services'], (services) =>
    services.kind === 'map'
      ? mapValues(services, (service, name) => (service.kind === 'map' ? change(service, name) : service))
      : services,
  );
}
