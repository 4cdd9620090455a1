// Names without a value take it from the project's environment, where that has one.
import type { Env } from '../../base/env.ts';
import { isNull, mapValues, text, update, type Tree } from '../tree.ts';

/** Fills bare names of services in; those without a value stay bare. */
export function resolveServiceVariables(tree: Tree, env: Env): Tree {
  return update(tree, ['services', '*', 'environment'], (map) => fill(map, env, false));
}

/** Fills build arguments in; those without a value are dropped. */
export function resolveBuildArguments(tree: Tree, env: Env): Tree {
  return update(tree, ['services', '*', 'build', 'args'], (map) => fill(map, env, true));
}

function fill(map: Tree, env: Env, drop: boolean): Tree {
  if (map.kind !== 'map') return map;
  return mapValues(map, (value, key) => (isNull(value) ? fromEnv(value, env[key], drop) : value));
}

function fromEnv(value: Tree, found: string | undefined, drop: boolean): Tree | undefined {
  if (found !== undefined) return text(found, value.origin);
  return drop ? undefined : value;
}
