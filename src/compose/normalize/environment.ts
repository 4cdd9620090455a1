// Names without a value take it from the project's environment, where that has one.
import { usedVariable, type Variables } from '../interpolate/known.ts';
import type { UsedVariable } from '../source.ts';
import { isNull, mapValues, text, update, type Tree } from '../tree.ts';

/** Fills bare names of services in; those without a value stay bare. */
export function resolveServiceVariables(tree: Tree, known: Variables): Tree {
  return update(tree, ['services', '*', 'environment'], (map) => fill(map, known, false));
}

/** Fills build arguments in; those without a value are dropped when asked. */
export function resolveBuildArguments(tree: Tree, known: Variables, drop: boolean): Tree {
  return update(tree, ['services', '*', 'build', 'args'], (map) => fill(map, known, drop));
}

function fill(map: Tree, known: Variables, drop: boolean): Tree {
  if (map.kind !== 'map') return map;
  return mapValues(map, (value, key) =>
    isNull(value) ? fromEnv(value, usedVariable({ name: key }, known), drop) : value,
  );
}

function fromEnv(value: Tree, found: UsedVariable, drop: boolean): Tree | undefined {
  if (found.value !== undefined) return text(found.value, { ...value.origin, filled: [found] });
  return drop ? undefined : value;
}
