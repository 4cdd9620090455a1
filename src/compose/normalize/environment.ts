// Names without a value take it from the project's environment, where that has one.
import type { Env } from '../../base/env.ts';
import { isNull, mapValues, text, update, type Tree } from '../tree.ts';

/** Fills bare names in; build arguments that stay without a value are dropped, variables of a service are kept bare. */
export function resolveBareNames(tree: Tree, env: Env): Tree {
  const fill =
    (drop: boolean) =>
    (map: Tree): Tree =>
      map.kind === 'map'
        ? mapValues(map, (value, key) => (isNull(value) ? fromEnv(key, value, env, drop) : value))
        : map;
  const withEnvironment = update(tree, ['services', '*', 'environment'], fill(false));
  return update(withEnvironment, ['services', '*', 'build', 'args'], fill(true));
}

function fromEnv(key: string, value: Tree, env: Env, drop: boolean): Tree | undefined {
  const found = env[key];
  if (found !== undefined) return text(found, value.origin);
  return drop ? undefined : value;
}
