// Drops top-level resources that no enabled service uses.
import { entriesOf, get, itemsOf, mapValues, stringOf, update, type Tree } from '../tree.ts';

/** The model without unused networks, volumes, secrets, configs and models. */
export function pruneResources(model: Tree): Tree {
  const services = [...entriesOf(get(model, 'services'))].map(([, { value }]) => value);
  return Object.entries(USES).reduce((at, [kind, uses]) => {
    const used = new Set(services.flatMap((service) => uses(service)));
    return update(at, [kind], (all) =>
      all.kind === 'map' ? mapValues(all, (one, key) => (used.has(key) ? one : undefined)) : all,
    );
  }, model);
}

const keys = (tree: Tree | undefined): string[] => [...entriesOf(tree)].map(([key]) => key);
const sources = (tree: Tree | undefined): string[] => itemsOf(tree).map((item) => stringOf(get(item, 'source')) ?? '');

const USES: Readonly<Record<string, (service: Tree) => string[]>> = {
  networks: (service) => keys(get(service, 'networks')),
  volumes: (service) =>
    itemsOf(get(service, 'volumes')).flatMap((mount) =>
      stringOf(get(mount, 'type')) === 'volume' ? [stringOf(get(mount, 'source')) ?? ''] : [],
    ),
  secrets: (service) => [...sources(get(service, 'secrets')), ...sources(get(service, 'build', 'secrets'))],
  configs: (service) => sources(get(service, 'configs')),
  models: (service) => keys(get(service, 'models')),
};
