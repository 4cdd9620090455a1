// Where merging is not the plain rule. Keyed by path.
import { treeKey } from '../canonical/tree-key.ts';
import { get, isNull, stringOf, type Entry, type Tree } from '../tree.ts';
import { mergeMaps, type Merge } from './merge-maps.ts';
import { pathTable } from './path-table.ts';

/** A rule of one path; `merge` goes on with the parts. */
export type MergeRule = (base: Tree, over: Tree, path: readonly string[], merge: Merge) => Tree;

/** The override takes the place of the value. */
const replace: MergeRule = (_, over) => over;

/** Options of different drivers do not mix. */
const logging: MergeRule = (base, over, path, merge) => {
  const below = stringOf(get(base, 'driver'));
  const above = stringOf(get(over, 'driver'));
  if (isNull(over)) return base;
  const same = below === undefined || above === undefined || below === above;
  return same && base.kind === 'map' && over.kind === 'map' ? mergeMaps(base, over, path, merge) : over;
};

/** Addresses of one host add up; the same address is kept once. */
const hosts: MergeRule = (base, over) => {
  if (isNull(over)) return base;
  if (base.kind !== 'map' || over.kind !== 'map') return over;
  const entries = new Map<string, Entry>(base.entries);
  for (const [host, entry] of over.entries) {
    const below = entries.get(host)?.value;
    const known = new Set(entry.value.kind === 'list' ? entry.value.items.map(treeKey) : []);
    const kept = below?.kind === 'list' ? below.items.filter((item) => !known.has(treeKey(item))) : [];
    const value =
      entry.value.kind === 'list' ? { ...entry.value, items: [...kept, ...entry.value.items] } : entry.value;
    entries.set(host, { key: entry.key, value });
  }
  return { ...over, entries };
};

/** Pools are the same when their subnets are. A pool that no override names is dropped, as docker compose does. */
const ipamPools: MergeRule = (base, over, path, merge) => {
  if (base.kind !== 'list' || over.kind !== 'list') return over;
  const pools = new Map<string, Tree>();
  for (const original of base.items)
    for (const override of over.items) {
      const subnet = subnetOf(override);
      if (subnet !== subnetOf(original) && !pools.has(subnet)) pools.set(subnet, override);
      else if (original.kind === 'map' && override.kind === 'map')
        pools.set(subnet, mergeMaps(original, override, [...path, '*'], merge));
    }
  return { ...over, items: [...pools.values()] };
};

const subnetOf = (pool: Tree): string => stringOf(get(pool, 'subnet')) ?? '';

/** The rule of a path, if it has one. */
export const mergeRule = pathTable<MergeRule>({
  // a bare name takes the value of the base away
  'services.*.environment.*': replace,
  'services.*.build.args.*': replace,
  'services.*.command': replace,
  'services.*.entrypoint': replace,
  'services.*.healthcheck.test': replace,
  'services.*.ulimits.*': replace,
  'services.*.logging': logging,
  'services.*.extra_hosts': hosts,
  'services.*.build.extra_hosts': hosts,
  'networks.*.ipam.config': ipamPools,
});
