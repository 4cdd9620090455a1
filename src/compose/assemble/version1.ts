// Files of version 1: services at the top, `net`, `log_driver`, `dockerfile` beside `build`. They are rewritten to the
// current form, with a warning that shows it.
import type { Problems } from '../problems.ts';
import type { Origin } from '../source.ts';
import { get, itemsOf, mapOf, record, stringOf, withKey, type Entry, type MapTree, type Tree } from '../tree.ts';
import { FILE } from '../attributes/file.ts';

/** A current file, whatever version it was. */
export function modernize(tree: MapTree, problems: Problems): MapTree {
  if (!isVersion1(tree)) return tree;
  const first = [...tree.entries].find(([, { value }]) => looksLikeService(value));
  const hint = `indent the services under "services:":\nservices:\n  ${first?.[0] ?? 'web'}:\n    ...`;
  problems.warn('compose/version-1', 'this is a version 1 file: its services stand at the top level', first?.[1].key, {
    hint,
  });
  const services = [...tree.entries].filter(([key]) => !key.startsWith('x-'));
  const extensions = [...tree.entries].filter(([key]) => key.startsWith('x-'));
  const modern = services.map(([name, entry]): [string, Entry] => [
    name,
    { ...entry, value: modernService(entry.value) },
  ]);
  const volumes = namedVolumes(
    modern.map(([, entry]) => entry.value),
    tree.origin,
  );
  const map = mapOf(modern, tree.origin);
  const sections: [string, Entry][] = [['services', { key: tree.origin, value: map }]];
  if (volumes.entries.size > 0) sections.push(['volumes', { key: tree.origin, value: volumes }]);
  return mapOf([...sections, ...extensions], tree.origin);
}

/** No key of the current form, and something that can only be a service. */
function isVersion1(tree: MapTree): boolean {
  const known = Object.keys(FILE.fields);
  if ([...tree.entries.keys()].some((key) => known.includes(key) && !looksLikeService(get(tree, key)))) return false;
  return [...tree.entries.values()].some(({ value }) => looksLikeService(value));
}

const looksLikeService = (tree: Tree | undefined): boolean =>
  stringOf(get(tree, 'image')) !== undefined || get(tree, 'build') !== undefined;

/** Old attribute to its place today. */
const RENAMED: Readonly<Record<string, readonly string[]>> = {
  net: ['network_mode'],
  dockerfile: ['build', 'dockerfile'],
  log_driver: ['logging', 'driver'],
  log_opt: ['logging', 'options'],
};

function modernService(tree: Tree): Tree {
  if (tree.kind !== 'map') return tree;
  let service = tree;
  for (const [old, path] of Object.entries(RENAMED)) {
    const value = get(service, old);
    if (value) service = place(withKey(service, old, undefined), path, value);
  }
  return service;
}

function place(service: MapTree, [key = '', inner]: readonly string[], value: Tree): MapTree {
  if (inner === undefined) return withKey(service, key, value);
  const section = get(service, key);
  const map = section?.kind === 'map' ? section : record(section ? { context: section } : {}, value.origin);
  return withKey(service, key, withKey(map, inner, value));
}

/** Version 1 made named volumes without declaring them. */
function namedVolumes(services: readonly Tree[], origin: Origin): MapTree {
  const entries = new Map<string, Entry>();
  for (const service of services)
    for (const item of itemsOf(get(service, 'volumes'))) {
      const name = /^([a-zA-Z0-9][a-zA-Z0-9._-]*):/.exec(stringOf(item) ?? '')?.[1];
      if (name !== undefined) entries.set(name, { key: item.origin, value: mapOf([], item.origin) });
    }
  return mapOf(entries, origin);
}
