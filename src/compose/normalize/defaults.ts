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
    ...RATES.map((key) => service(['blkio_config', key], eachItem(measured('path', 'rate')))),
    service(['blkio_config', 'weight_device'], eachItem(measured('path', 'weight'))),
    service(
      ['deploy', 'resources', 'reservations', 'generic_resources'],
      eachItem((item) => update(item, ['discrete_resource_spec'], measured('kind', 'value'))),
    ),
    service(['deploy', 'resources', 'reservations', 'devices'], eachItem(countAll)),
  ];
  return steps.reduce((at, step) => step(at), tree);
}

const eachItem =
  (change: (item: Tree) => Tree) =>
  (tree: Tree): Tree =>
    tree.kind === 'list' ? { ...tree, items: tree.items.map(change) } : tree;

const RATES = ['device_read_bps', 'device_read_iops', 'device_write_bps', 'device_write_iops'];

/** Text and a number that are there even when they say nothing. */
const measured =
  (word: string, number: string) =>
  (tree: Tree): Tree =>
    orKey(orKey(tree, word, text('', tree.origin)), number, plain(0, tree.origin));

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
